import * as v from "valibot";
import type { Manifest } from "./manifest.ts";

const matching = (pattern: RegExp, wanted: string) => v.pipe(v.string(wanted), v.regex(pattern, wanted));
const text = v.string("a text");
const hash = matching(/^[0-9a-f]{64}$/, "a SHA-256 in hexadecimal digits");
const time = v.pipe(
  matching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/, "a time such as 2026-11-23T06:30:00Z"),
  v.check((value) => !Number.isNaN(Date.parse(value)), "a time that exists"),
);
const count = v.custom<number>(
  (value) => Number.isSafeInteger(value) && (value as number) >= 0,
  "a count from 0",
);
const positive = v.custom<number>(
  (value) => Number.isSafeInteger(value) && (value as number) > 0,
  "a count from 1",
);
const fileName = matching(/^[a-z0-9][a-z0-9._-]{0,127}$/, "a file's name without folders");
const key = matching(
  /^(?!.*(\.\.|\/\/))[a-z0-9][a-z0-9._/-]{0,1023}$/,
  "a key of small letters, digits and ._/- without .. or //",
);

const contents = v.object({
  tables: v.array(
    v.object({ schema: text, name: text, rows: count, bytes: count, sha256: hash }),
    "a list of tables",
  ),
  sequences: v.array(
    v.object({
      schema: text,
      name: text,
      value: matching(/^-?\d{1,20}$/, "a whole number as text"),
      called: v.boolean("true or false"),
    }),
    "a list of sequences",
  ),
  largeObjects: v.object({ count, bytes: count, sha256: hash }, "an object"),
  objects: v.array(v.object({ kind: text, count }), "a list of counts"),
  extensions: v.array(v.object({ name: text, version: text }), "a list of extensions"),
  roles: v.array(text, "a list of roles"),
  migration: v.exactOptional(v.object({ tool: text, version: text }, "an object")),
});

/** The shape of a manifest. Every number and name in it may come from whoever can write to the store. */
export const SCHEMA: v.GenericSchema<unknown, Manifest> = v.object(
  {
    format: v.picklist([1, 2], "1 or 2: another format needs another version of Seakeep"),
    id: matching(/^[a-z0-9][a-z0-9-]{0,63}$/, "the id of a backup"),
    sequence: positive,
    service: text,
    tool: text,
    declaration: v.exactOptional(text),
    engine: text,
    database: v.object(
      { name: text, system: text, version: positive, encoding: text, collation: text },
      "an object",
    ),
    snapshotAt: time,
    startedAt: time,
    finishedAt: time,
    files: v.pipe(
      v.array(
        v.object({
          name: fileName,
          key,
          bytes: count,
          pieces: v.exactOptional(
            v.pipe(v.array(positive, "a list of sizes"), v.minLength(2, "at least two")),
          ),
          partBytes: positive,
          parts: v.array(hash, "a list of hashes"),
          plainBytes: count,
          compression: v.picklist(["zstd", "gzip", "none"], "zstd, gzip or none"),
          sha256: v.exactOptional(hash),
          plainSha256: v.exactOptional(hash),
        }),
        "a list of files",
      ),
      v.minLength(1, "at least one file"),
    ),
    contents,
    encryption: v.exactOptional(
      v.object({ scheme: text, recipients: v.array(text, "a list of recipients") }, "an object"),
    ),
    retention: v.object(
      {
        keep: v.exactOptional(
          v.record(text, v.union([v.number(), text], "a number or a duration"), "an object"),
        ),
      },
      "an object",
    ),
    checksum: hash,
  },
  "a manifest",
);
