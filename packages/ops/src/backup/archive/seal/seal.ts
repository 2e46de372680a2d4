import { createCipheriv, diffieHellman, generateKeyPairSync, randomBytes } from "node:crypto";
import { discardsBuffer } from "../../../system/young-generation.ts";
import { chunksOf } from "../chunks.ts";
import {
  bodyKey,
  CHUNK_BYTES,
  chunkNonce,
  type Header,
  MAGIC,
  type WrappedKey,
  wrappingKey,
  ZERO_NONCE,
} from "./format.ts";
import type { Recipient } from "./keys.ts";

/** Encrypts a stream so that any one of the recipients can read it, and whoever writes it cannot. */
export async function* seal(
  body: AsyncIterable<Uint8Array>,
  recipients: readonly Recipient[],
): AsyncGenerator<Uint8Array, void> {
  const fileKey = randomBytes(32);
  const header: Header = {
    chunkBytes: CHUNK_BYTES,
    recipients: recipients.map((recipient) => wrap(fileKey, recipient)),
  };
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  const head = Buffer.concat([MAGIC, length, text]);
  yield head;
  const key = bodyKey(fileKey, head);
  let index = 0;
  // One chunk behind, for only the end of the stream tells which is the last.
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of chunksOf(body, CHUNK_BYTES)) {
    if (held.length > 0) yield* encrypt(key, chunkNonce(index++, false), held);
    held = chunk;
  }
  yield* encrypt(key, chunkNonce(index, true), held);
}

function wrap(fileKey: Buffer, recipient: Recipient): WrappedKey {
  const pair = generateKeyPairSync("x25519");
  const ephemeral = Buffer.from(String(pair.publicKey.export({ format: "jwk" }).x), "base64url");
  const shared = diffieHellman({ privateKey: pair.privateKey, publicKey: recipient.key });
  const wrapped = Buffer.concat([
    ...encrypt(wrappingKey(shared, ephemeral, recipient.raw), ZERO_NONCE, fileKey),
  ]);
  return {
    recipient: recipient.fingerprint,
    ephemeral: ephemeral.toString("base64"),
    key: wrapped.toString("base64"),
  };
}

/** Ciphertext, then tag: not joined, for that would copy every byte of a backup once more. */
function* encrypt(key: Buffer, nonce: Buffer, plain: Buffer): Generator<Buffer, void> {
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  yield cipher.update(plain);
  cipher.final();
  yield cipher.getAuthTag();
  discardsBuffer(plain.length);
}
