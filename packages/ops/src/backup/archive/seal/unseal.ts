import { createDecipheriv, createPublicKey, diffieHellman } from "node:crypto";
import { SeakeepError } from "@seakeep/contract";
import { chunksOf } from "../chunks.ts";
import { Damage } from "../damage.ts";
import {
  bodyKey,
  chunkNonce,
  type Header,
  MAGIC,
  MAX_HEADER_BYTES,
  TAG_BYTES,
  wrappingKey,
  ZERO_NONCE,
} from "./format.ts";
import type { Identity } from "./keys.ts";

/**
 * Decrypts what `seal` wrote. Each chunk is authentic when it is yielded; that they are all there is known only at
 * the end.
 *
 * @throws {Damage} when a byte was changed, moved, added or is missing.
 * @throws {SeakeepError} `SK-BACKUP-012` when none of the identities is a recipient.
 */
export async function* unseal(
  body: AsyncIterable<Uint8Array>,
  identities: readonly Identity[],
): AsyncGenerator<Uint8Array, void> {
  const reader = new Reader(body);
  try {
    yield* opened(reader, identities);
  } finally {
    // Also when the header is all that was read: a request that nobody reads to its end keeps its connection.
    await reader.close();
  }
}

async function* opened(reader: Reader, identities: readonly Identity[]): AsyncGenerator<Uint8Array, void> {
  const head = await readHead(reader);
  const header = parseHeader(head.subarray(MAGIC.length + 4));
  const key = bodyKey(unwrap(header, identities), head);
  const size = header.chunkBytes + TAG_BYTES;
  let index = 0;
  let held: Buffer | undefined;
  for await (const chunk of chunksOf(reader.rest(), size)) {
    if (held !== undefined) yield decrypt(key, chunkNonce(index++, false), held, `chunk ${index - 1}`);
    held = chunk;
  }
  if (held === undefined) throw new Damage("The sealed file ends behind its header.");
  yield decrypt(key, chunkNonce(index, true), held, `chunk ${index}, the last`);
}

async function readHead(reader: Reader): Promise<Buffer> {
  const start = await reader.take(MAGIC.length + 4);
  if (!start.subarray(0, MAGIC.length).equals(MAGIC)) throw new Damage("It is not a sealed file.");
  const length = start.readUInt32BE(MAGIC.length);
  if (length > MAX_HEADER_BYTES) throw new Damage("The header of the sealed file is damaged.");
  return Buffer.concat([start, await reader.take(length)]);
}

function parseHeader(text: Buffer): Header {
  try {
    const { chunkBytes, recipients } = JSON.parse(text.toString("utf8")) as Partial<Header>;
    const sound =
      Number.isInteger(chunkBytes) &&
      chunkBytes! >= 1024 &&
      chunkBytes! <= 16 * 1024 * 1024 &&
      Array.isArray(recipients);
    if (sound) return { chunkBytes: chunkBytes!, recipients };
  } catch {
    // Not JSON: said below.
  }
  throw new Damage("The header of the sealed file is damaged.");
}

function unwrap({ recipients }: Header, identities: readonly Identity[]): Buffer {
  for (const wrapped of recipients) {
    const identity = identities.find(({ recipient }) => recipient.fingerprint === wrapped?.recipient);
    if (identity === undefined) continue;
    try {
      const ephemeral = Buffer.from(wrapped.ephemeral, "base64");
      const jwk = { kty: "OKP", crv: "X25519", x: ephemeral.toString("base64url") };
      const publicKey = createPublicKey({ key: jwk, format: "jwk" });
      const shared = diffieHellman({ privateKey: identity.key, publicKey });
      const key = wrappingKey(shared, ephemeral, identity.recipient.raw);
      return decrypt(key, ZERO_NONCE, Buffer.from(wrapped.key, "base64"), "the wrapped key");
    } catch (error) {
      if (error instanceof Damage) throw error;
      throw new Damage("The wrapped key of the sealed file is damaged.");
    }
  }
  const wanted = recipients.map((wrapped) => String(wrapped?.recipient)).join(", ");
  const what =
    identities.length === 0
      ? "The backup is encrypted, and there is no identity."
      : "No identity is a recipient.";
  throw new SeakeepError("SK-BACKUP-012", what, { why: `It was sealed to the recipients ${wanted}.` });
}

function decrypt(key: Buffer, nonce: Buffer, sealed: Buffer, what: string): Buffer {
  const cut = sealed.length - TAG_BYTES;
  if (cut < 0) throw new Damage(`The sealed file is cut short in ${what}.`);
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(sealed.subarray(cut));
  try {
    const plain = decipher.update(sealed.subarray(0, cut));
    // GCM gives all at once: the end only tells whether it is authentic.
    decipher.final();
    return plain;
  } catch {
    throw new Damage(`The sealed file is not what was written: ${what} is not authentic.`);
  }
}

/** Reads exact counts off the front of a stream, then hands on the rest. */
class Reader {
  readonly #iterator: AsyncIterator<Uint8Array>;
  #left: Buffer = Buffer.alloc(0);

  constructor(body: AsyncIterable<Uint8Array>) {
    this.#iterator = body[Symbol.asyncIterator]();
  }

  async take(count: number): Promise<Buffer> {
    while (this.#left.length < count) {
      const { done, value } = await this.#iterator.next();
      if (done) throw new Damage("The sealed file is cut short in its header.");
      this.#left = Buffer.concat([this.#left, value]);
    }
    const taken = this.#left.subarray(0, count);
    this.#left = this.#left.subarray(count);
    return taken;
  }

  async *rest(): AsyncGenerator<Uint8Array, void> {
    yield this.#left;
    for (;;) {
      const { done, value } = await this.#iterator.next();
      if (done) return;
      yield value;
    }
  }

  async close(): Promise<void> {
    await this.#iterator.return?.();
  }
}
