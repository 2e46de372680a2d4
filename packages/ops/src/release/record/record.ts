import * as v from "valibot";
import type { ChainKind, Linked } from "../../backup/chain.ts";
import type { Actor } from "../actor.ts";
import { EVIDENCE_KINDS, type Evidence } from "./evidence.ts";

/** Somebody's signature on a record. */
export interface RecordSignature {
  /** Which key: the first 16 hex digits of the SHA-256 of its public half as SPKI. */
  readonly key: string;
  /** Ed25519, Base64. */
  readonly value: string;
}

/** What was decided of a release, by whom, and on which evidence. */
export interface ReleaseRecord extends Linked {
  readonly format: 1;
  /** RFC 3339, the store's clock. */
  readonly at: string;
  readonly service: string;
  /** The release; null: unknown. */
  readonly version: string | null;
  /** In a few words, such as `ship` or `roll-back-app`. */
  readonly decision: string;
  readonly by: Actor;
  readonly tool: string;
  readonly evidence: Evidence;
  /** Null: nobody signed it. */
  readonly signature: RecordSignature | null;
}

const HASH = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

const SCHEMA = v.strictObject({
  format: v.literal(1),
  number: v.pipe(v.number(), v.integer(), v.minValue(1)),
  previous: v.nullable(HASH),
  at: v.pipe(
    v.string(),
    v.check((text) => !Number.isNaN(Date.parse(text))),
  ),
  service: v.string(),
  version: v.nullable(v.string()),
  decision: v.string(),
  by: v.strictObject({ name: v.string(), from: v.string() }),
  tool: v.string(),
  evidence: v.looseObject({ kind: v.picklist(EVIDENCE_KINDS) }),
  signature: v.nullable(
    v.strictObject({
      key: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)),
      value: v.pipe(v.string(), v.base64()),
    }),
  ),
});

/** The records of a service, below its folder: `releases/r000001.json`, with an `.md` beside it. */
export const RECORDS: ChainKind<ReleaseRecord> = {
  folder: "releases",
  letter: "r",
  noun: "record",
  parse(text) {
    try {
      const value: unknown = JSON.parse(text);
      // Not a byte may be other than it was written: a key that stands twice hides what the first one said.
      if (!v.is(SCHEMA, value) || renderRecord(value as ReleaseRecord) !== text) return undefined;
      return value as ReleaseRecord;
    } catch {
      return undefined;
    }
  },
  render: renderRecord,
};

function renderRecord(record: ReleaseRecord): string {
  return `${JSON.stringify(record, undefined, 2)}\n`;
}

/** What a signature is made over: that it is such a record, and all of it with `signature` null. */
export function signedBytes(record: ReleaseRecord): Buffer {
  return Buffer.from(`seakeep release record 1\n${renderRecord({ ...record, signature: null })}`);
}
