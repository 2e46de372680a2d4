import { createInflate } from "node:zlib";
import { SeakeepError } from "@seakeep/contract";
import { compressionNamed } from "../archive/compression.ts";
import { Damage } from "../archive/damage.ts";
import { throughTransform } from "../archive/through.ts";
import { readEntries, readHeader } from "../engines/pg-dump/archive/contents-table.ts";
import { Input, type Reading } from "../engines/pg-dump/archive/input.ts";
import { Bytes } from "./bytes.ts";
import {
  ALGORITHMS_SINCE,
  type ArchiveCompression,
  COMPRESSION_AT,
  compressionOf,
  START_BYTES,
} from "./format.ts";

type Body = AsyncIterable<Uint8Array>;
type Decompress = (body: Body, signal: AbortSignal) => Body;

const DATA_BLOCK = 1;
const LARGE_OBJECTS_BLOCK = 3;
/** A sign and four bytes. */
const INT_BYTES = 5;
/** Of an entry's place in the file, at its end: whether it is known, and eight bytes of it. */
const PLACE_BYTES = 9;
const PLACE_KNOWN = 2;
const PLACE_UNKNOWN = 1;
/** The tables of contents of a million tables are shorter. */
const MOST_HEAD_BYTES = 1024 * 1024 * 1024;

/**
 * Passes an archive in pg_dump's custom format on as if pg_dump had not compressed it. pg_restore restores the same from
 * it, and its rows can be counted and hashed as they pass. What is not compressed passes as it is.
 *
 * Each block of rows and each large object is a stream of its own, cut into chunks with their lengths before them.
 * Source: pg_backup_custom.c, _StartData to _EndLO.
 *
 * @returns the archive, and how it was compressed
 * @throws {Damage} when it ends early, or a compressed stream is not whole. gzip has a checksum of its own, zstd as
 * pg_dump uses it has none.
 * @throws {SeakeepError} `SK-RESTORE-017` when it is no such archive.
 */
export async function uncompressed(
  body: Body,
  signal: AbortSignal,
): Promise<{ readonly compression: ArchiveCompression; readonly body: AsyncGenerator<Uint8Array, void> }> {
  const input = new Bytes(body);
  const start = await startOf(input);
  const compression = compressionOf(start);
  input.unread(start);
  if (compression === "none") return { compression, body: input.rest() };
  return { compression, body: unpack(input, decompression(compression), signal) };
}

async function* unpack(
  input: Bytes,
  decompress: Decompress,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  yield await readHead(input);
  yield* readBlocks(input, decompress, signal);
}

/** The first bytes, fewer only where the file ends. */
async function startOf(input: Bytes): Promise<Buffer> {
  let start = Buffer.alloc(0);
  while (start.length < START_BYTES) {
    const more = await input.some(START_BYTES - start.length);
    if (more === undefined) break;
    start = Buffer.concat([start, more]);
  }
  return start;
}

/** Header and table of contents, saying that nothing is compressed and that nobody knows where the data of an entry is. */
async function readHead(input: Bytes): Promise<Buffer> {
  const places: number[] = [];
  const parsed = new Input();
  const parsing = parseHead(parsed, () => places.push(parsed.offset - PLACE_BYTES));
  parsing.next();
  const parts: Buffer[] = [];
  for (let bytes = 0; ; ) {
    const part = await input.some();
    if (part === undefined) throw new Damage("It ends within its table of contents.");
    const own = Buffer.from(part);
    if (parts.push(own) === 1) withoutCompression(own);
    bytes += own.length;
    if (bytes > MOST_HEAD_BYTES) throw new Damage("Its table of contents is longer than any.");
    parsed.next(own);
    if (!parsing.next().done) continue;
    input.unread(own.subarray(parsed.position));
    parts[parts.length - 1] = own.subarray(0, parsed.position);
    break;
  }
  const head = Buffer.concat(parts);
  for (const at of places) if (head[at] === PLACE_KNOWN) head[at] = PLACE_UNKNOWN;
  return head;
}

function* parseHead(input: Input, onEntry: () => void): Reading<void> {
  const { minor } = yield* readHeader(input);
  yield* readEntries(input, minor, onEntry);
}

function withoutCompression(start: Buffer): void {
  start.fill(0, COMPRESSION_AT, COMPRESSION_AT + (start[6]! < ALGORITHMS_SINCE ? INT_BYTES : 1));
}

async function* readBlocks(
  input: Bytes,
  decompress: Decompress,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  for (;;) {
    const type = await input.some(1);
    if (type === undefined) return;
    yield Buffer.concat([type, await input.take(INT_BYTES)]);
    if (type[0] === DATA_BLOCK) yield* readStream(input, decompress, signal);
    else if (type[0] === LARGE_OBJECTS_BLOCK) {
      for (;;) {
        const oid = await input.take(INT_BYTES);
        yield oid;
        if (oid.readUInt32LE(1) === 0) break;
        yield* readStream(input, decompress, signal);
      }
    } else throw new Damage(`It has a block of the unknown type ${type[0]}.`);
  }
}

async function* readStream(
  input: Bytes,
  decompress: Decompress,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  const payload = chunksOf(input);
  const first = await payload.next();
  if (!first.done) {
    for await (const bytes of decompress(following(first.value, payload), signal)) {
      if (bytes.length > 0) yield Buffer.concat([int(bytes.length), bytes]);
    }
    if (!(await payload.next()).done) throw new Damage(BEHIND_ITS_END);
  }
  yield int(0);
}

async function* chunksOf(input: Bytes): AsyncGenerator<Buffer, void> {
  for (;;) {
    const length = await input.take(INT_BYTES);
    let missing = length.readUInt32LE(1);
    if (length[0] !== 0 || missing > 2 ** 31 - 1) throw new Damage("It has a chunk of impossible length.");
    if (missing === 0) return;
    while (missing > 0) {
      const part = await input.some(missing);
      if (part === undefined) throw new Damage("It ends in the middle.");
      missing -= part.length;
      yield part;
    }
  }
}

async function* following(first: Buffer, rest: AsyncGenerator<Buffer, void>): AsyncGenerator<Buffer, void> {
  yield first;
  // Not `yield*`: whoever leaves early must not end what is still to be read.
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(INT_BYTES);
  bytes.writeUInt32LE(value, 1);
  return bytes;
}

function decompression(name: Exclude<ArchiveCompression, "none">): Decompress {
  return name === "gzip" ? inflated : (body, signal) => compressionNamed(name).decompress(body, signal);
}

const BEHIND_ITS_END = "A compressed stream goes on behind its end.";

/** pg_dump's "gzip" is a bare zlib stream. */
async function* inflated(body: Body, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
  let given = 0;
  const counted = (async function* () {
    for await (const bytes of body) {
      given += bytes.length;
      yield bytes;
    }
  })();
  const inflate = createInflate({ chunkSize: 64 * 1024 });
  try {
    yield* throughTransform(inflate, counted, signal);
  } catch (error) {
    signal.throwIfAborted();
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ERR_STREAM_PREMATURE_CLOSE") throw new Damage(BEHIND_ITS_END);
    if (error instanceof SeakeepError || !/^Z_/.test(String(code))) throw error;
    throw new Damage(`A compressed stream is not whole: ${(error as Error).message}.`);
  }
  if (inflate.bytesWritten !== given) throw new Damage(BEHIND_ITS_END);
}
