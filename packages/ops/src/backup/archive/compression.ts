import type { Duplex } from "node:stream";
import * as zlib from "node:zlib";
import { SeakeepError } from "@seakeep/contract";
import { onPath } from "../../system/on-path.ts";
import type { StoredFile } from "../manifest.ts";
import { throughProgram, throughTransform } from "./through.ts";

type Bytes = AsyncIterable<Uint8Array>;
type Filter = (body: Bytes, signal?: AbortSignal) => Bytes;

/**
 * A way to make a stream smaller, and back. Each format carries a check value of the content (zstd XXH64, gzip CRC-32),
 * so that `decompress` fails rather than yield, to its end, other bytes than `compress` was given.
 */
export interface Compression {
  /** As the manifest records it. */
  readonly name: StoredFile["compression"];
  readonly compress: Filter;
  readonly decompress: Filter;
}

/** Node's own zstd, since 22.15 and 23.8. */
const NODE_ZSTD = zlib as unknown as {
  readonly createZstdCompress?: (options: { params: Record<number, number> }) => Duplex;
  readonly createZstdDecompress?: () => Duplex;
  readonly constants: { readonly ZSTD_c_compressionLevel: number; readonly ZSTD_c_checksumFlag: number };
};

/**
 * The best there is on this machine: zstd level 1 by its command, which compresses on a core of its own; else Node's
 * zstd; else gzip level 1, ten times slower than the rest of the path and yet everywhere.
 */
export function bestCompression(): Compression {
  return zstd() ?? GZIP;
}

/**
 * The one that a file was written with.
 *
 * @throws {SeakeepError} `SK-BACKUP-009` when this machine cannot undo it.
 */
export function compressionNamed(name: StoredFile["compression"]): Compression {
  if (name === "none") return NONE;
  const found = name === "gzip" ? GZIP : zstd();
  if (found === undefined) throw new SeakeepError("SK-BACKUP-009", "The backup is compressed with zstd.");
  return found;
}

function zstd(): Compression | undefined {
  const program = onPath("zstd");
  if (program !== undefined) {
    return {
      name: "zstd",
      // One thread: a second one, which only reads and writes, costs a tenth more CPU than it saves time.
      compress: (body, signal) =>
        throughProgram(program, ["-1", "-q", "-c", "--single-thread"], body, signal),
      decompress: (body, signal) => throughProgram(program, ["-d", "-q", "-c"], body, signal),
    };
  }
  const { createZstdCompress, createZstdDecompress } = NODE_ZSTD;
  if (createZstdCompress === undefined || createZstdDecompress === undefined) return undefined;
  const { ZSTD_c_compressionLevel, ZSTD_c_checksumFlag } = NODE_ZSTD.constants;
  // The command adds a checksum of the content by itself.
  const params = { [ZSTD_c_compressionLevel]: 1, [ZSTD_c_checksumFlag]: 1 };
  return {
    name: "zstd",
    compress: (body, signal) => throughTransform(createZstdCompress({ params }), body, signal),
    decompress: (body, signal) => throughTransform(createZstdDecompress(), body, signal),
  };
}

const GZIP: Compression = {
  name: "gzip",
  compress: (body, signal) => throughTransform(zlib.createGzip({ level: 1 }), body, signal),
  decompress: (body, signal) => throughTransform(zlib.createGunzip(), body, signal),
};

const NONE: Compression = { name: "none", compress: (body) => body, decompress: (body) => body };
