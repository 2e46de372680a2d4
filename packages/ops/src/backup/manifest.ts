import { createHash } from "node:crypto";
import { Problems, parse, SeakeepError } from "@seakeep/contract";
import type { AppliedMigration } from "../postgres/applied-migration.ts";
import type { DatabaseIdentity } from "../postgres/identity.ts";
import { SCHEMA } from "./manifest-schema.ts";
import { byText } from "./order.ts";

/** The rows of one table, as they stand in the dump. */
export interface TableContents {
  readonly schema: string;
  readonly name: string;
  readonly rows: number;
  /** Bytes of COPY text. */
  readonly bytes: number;
  /** SHA-256 of the COPY text in the dump's row order, hex. */
  readonly sha256: string;
}

/** What a dump holds; a restored database is held against it. */
export interface Contents {
  readonly tables: readonly TableContents[];
  readonly sequences: readonly {
    readonly schema: string;
    readonly name: string;
    readonly value: string;
    readonly called: boolean;
  }[];
  /** Their hash is the sum modulo 2^256 of each one's SHA-256 over its OID (4 bytes, big endian) and bytes: order does not matter. */
  readonly largeObjects: { readonly count: number; readonly bytes: number; readonly sha256: string };
  /** How many of each kind of schema object, by pg_dump's own words: `TABLE`, `INDEX`, `FK CONSTRAINT`, `TRIGGER`. */
  readonly objects: readonly { readonly kind: string; readonly count: number }[];
  readonly extensions: readonly { readonly name: string; readonly version: string }[];
  /** Owners and grantees of what is in the dump. */
  readonly roles: readonly string[];
  /** Newest applied migration, when the database has a migrations table that is known. */
  readonly migration?: AppliedMigration;
}

/** One stored object of a backup. */
export interface StoredFile {
  readonly name: string;
  readonly key: string;
  /** Bytes in the store: compressed and sealed. */
  readonly bytes: number;
  /** Bytes of each object that it is cut into, where it is more than one: see `objectsOf`. Their sum is `bytes`. */
  readonly pieces?: readonly number[];
  /** Bytes of each part that is hashed by itself, so that damage is found where it is; the last may be shorter. */
  readonly partBytes: number;
  /** SHA-256 of each part of the stored bytes, hex: together they cover every byte. */
  readonly parts: readonly string[];
  /** Before compression and sealing. */
  readonly plainBytes: number;
  readonly compression: "zstd" | "gzip" | "none";
  /** Format 1 only: SHA-256 of all stored bytes, hex. */
  readonly sha256?: string;
  /** Format 1 only: SHA-256 of the plain bytes, hex. */
  readonly plainSha256?: string;
}

/** The objects of the store that a file consists of, in order: its key, then the same with `.2`, `.3` behind it. */
export function objectsOf({
  key,
  bytes,
  pieces = [bytes],
}: Pick<StoredFile, "key" | "bytes" | "pieces">): readonly {
  readonly key: string;
  readonly bytes: number;
}[] {
  return pieces.map((piece, index) => ({ key: keyOfPiece(key, index), bytes: piece }));
}

/** @param index of the piece, from 0 */
export function keyOfPiece(key: string, index: number): string {
  return index === 0 ? key : `${key}.${index + 1}`;
}

/** Written last: no manifest, no backup. */
export interface Manifest {
  /** 2, and 1 for those of Seakeep before it; both are read. */
  readonly format: 1 | 2;
  readonly id: string;
  /** Rises by one a backup of a service; orders them whatever the clocks say. */
  readonly sequence: number;
  readonly service: string;
  readonly tool: string;
  /** Hash of the declaration, when there was one. */
  readonly declaration?: string;
  readonly engine: string;
  readonly database: DatabaseIdentity;
  /** RFC 3339, the database's clock at its snapshot. */
  readonly snapshotAt: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly files: readonly StoredFile[];
  readonly contents: Contents;
  readonly encryption?: { readonly scheme: string; readonly recipients: readonly string[] };
  readonly retention: { readonly keep?: Readonly<Record<string, number | string>> };
  /** SHA-256 of this document without this field, keys sorted, hex. */
  readonly checksum: string;
}

/** A manifest without its checksum. */
export type ManifestBody = Omit<Manifest, "checksum">;

/** Adds the checksum. */
export function completeManifest(body: ManifestBody): Manifest {
  return { ...body, checksum: checksum(body) };
}

/** The text to store: JSON for people too. */
export function renderManifest(manifest: Manifest): string {
  return laidOut(manifest);
}

function laidOut(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/**
 * Reads a manifest that anybody may have written. Keys it does not know are allowed, and covered by the checksum.
 *
 * @throws {SeakeepError} `SK-MANIFEST-001` with every problem found.
 */
export function parseManifest(text: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw damaged("it is not JSON");
  }
  const problems = new Problems();
  const manifest = parse(SCHEMA, value, "", problems);
  if (manifest === undefined || problems.list.length > 0) {
    throw new SeakeepError("SK-MANIFEST-001", `The manifest is not one:\n${problems}`, {
      problems: problems.list,
    });
  }
  const { checksum: stated, ...body } = value as Manifest;
  if (checksum(body) !== stated) throw damaged("its checksum is another one");
  // The checksum is of the values: a byte that was added or lost between them is damage as well.
  if (text !== laidOut(value)) throw damaged("its text is not laid out as it was written");
  checkFiles(manifest);
  return manifest;
}

function checkFiles({ format, files }: Manifest): void {
  for (const { name, bytes, partBytes, parts, pieces, sha256, plainSha256 } of files) {
    // The number of parts follows from the sizes; an unequal one would leave bytes without a hash.
    if (parts.length !== Math.ceil(bytes / partBytes)) throw damaged(`${name} has ${parts.length} parts`);
    if (pieces !== undefined && pieces.reduce((sum, piece) => sum + piece, 0) !== bytes)
      throw damaged(`the pieces of ${name} are not ${bytes} bytes`);
    if (format === 1 && (sha256 === undefined || plainSha256 === undefined))
      throw damaged(`${name} has not the hashes of format 1`);
  }
  if (new Set(files.map(({ name }) => name)).size !== files.length) throw damaged("it has a file twice");
}

function damaged(what: string): SeakeepError {
  return new SeakeepError("SK-MANIFEST-001", `The manifest is damaged: ${what}.`);
}

function checksum(body: object): string {
  return createHash("sha256").update(canonical(body, 0)).digest("hex");
}

/** Deeper is nothing that we write, and would exhaust the stack. */
const DEEPEST = 32;

/** JSON without spaces and with sorted keys: the same text for the same content. */
function canonical(value: unknown, depth: number): string {
  if (depth > DEEPEST) throw damaged("it is nested too deeply");
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, depth + 1)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .sort(([a], [b]) => byText(a, b));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner, depth + 1)}`).join(",")}}`;
}
