import { SeakeepError } from "@seakeep/contract";
import { Damage } from "../archive/damage.ts";
import { MAGIC as SEALED } from "../archive/seal/format.ts";

/** How pg_dump compressed the rows of an archive by itself. */
export type ArchiveCompression = "none" | "gzip" | "zstd";

/** Bytes of a file that are enough to tell what it is. */
export const START_BYTES = 512;
/** Where an archive says how it is compressed, behind its magic, version, sizes and format. */
export const COMPRESSION_AT = 11;
/** From this minor version on it is the number of an algorithm in one byte; before, a level of gzip in a number. */
export const ALGORITHMS_SINCE = 15;

const PGDMP = Buffer.from("PGDMP");
const CUSTOM = 1;
/** Bytes of a header up to its compression. */
const SHORTEST = COMPRESSION_AT + 5;
const ALGORITHMS = ["none", "gzip", "lz4", "zstd"] as const;

/**
 * Tells from its first bytes how an archive in pg_dump's custom format is compressed.
 *
 * @throws {Damage} when it ends before it says so.
 * @throws {SeakeepError} `SK-RESTORE-017` for anything else, with what it is and what to do instead.
 */
export function compressionOf(start: Buffer): ArchiveCompression {
  if (!start.subarray(0, 5).equals(PGDMP)) throw notAnArchive(start);
  if (start.length < SHORTEST) throw new Damage("It ends within its header.");
  const [major, minor] = [start[5], start[6]];
  if (major !== 1 || minor! < 14 || minor! > 16) {
    throw refused(
      `It is an archive of version ${major}.${minor}, and 1.14 to 1.16 can be read.`,
      "Dump again with pg_dump 14 to 18, or restore it with pg_restore of the version that made it.",
    );
  }
  if (start[10] !== CUSTOM) {
    throw refused("It is the table of contents of pg_dump's tar or directory format.", DUMP_AGAIN);
  }
  if (minor! < ALGORITHMS_SINCE) return start.readUInt32LE(COMPRESSION_AT + 1) === 0 ? "none" : "gzip";
  const algorithm = ALGORITHMS[start[COMPRESSION_AT]!];
  if (algorithm === "none" || algorithm === "gzip" || algorithm === "zstd") return algorithm;
  throw refused(
    algorithm === undefined
      ? "It is compressed in a way that is not known."
      : "Its rows are compressed with lz4, which Seakeep cannot read.",
    "Dump again with --compress=gzip or --compress=zstd, or restore it with pg_restore by hand.",
  );
}

const DUMP_AGAIN =
  "Restore it by hand into a database of its own, and back that up with `seakeep backup create` or `pg_dump --format=custom`.";

/** The first that fits. */
const KINDS: readonly (readonly [is: (start: Buffer) => boolean, what: string, fix: string])[] = [
  [(start) => start.length === 0, "It is empty.", "Take the right file; a dump is never empty."],
  [
    (start) => start.subarray(0, SEALED.length).equals(SEALED),
    "It is an encrypted file out of a Seakeep store.",
    "Restore the backup by its id: seakeep restore ID --store file:///path --identity FILE.",
  ],
  [
    (start) => start.readUInt32BE(0) === 0x28b52ffd,
    "It is compressed with zstd, as files in a Seakeep store are.",
    "Restore a backup by its id: seakeep restore ID --store file:///path. Another file: unpack it first (zstd -d).",
  ],
  [
    (start) => start.readUInt16BE(0) === 0x1f8b,
    "It is compressed with gzip as a whole.",
    "Restore a backup of a Seakeep store by its id. Another file: unpack it first (gunzip).",
  ],
  [
    (start) => start.toString("latin1", 257, 262) === "ustar",
    "It is a tar file, such as pg_dump --format=tar writes.",
    DUMP_AGAIN,
  ],
  [
    (start) => /PostgreSQL database|^\s*(--|SET |CREATE |BEGIN|\\)/i.test(start.toString("latin1")),
    "It is SQL in plain text, which runs to its end also when half of it is missing.",
    DUMP_AGAIN,
  ],
];

function notAnArchive(start: Buffer): SeakeepError {
  const padded = Buffer.concat([start, Buffer.alloc(START_BYTES)]);
  const kind = KINDS.find(([is], index) => is(index === 0 ? start : padded));
  return kind
    ? refused(kind[1], kind[2])
    : refused("It does not begin as a dump of pg_dump does.", "Take a file of `pg_dump --format=custom`.");
}

/** The file is not one that can be restored. */
export function refused(what: string, fix: string): SeakeepError {
  return new SeakeepError("SK-RESTORE-017", what, { fix });
}
