import type { Chain } from "../../backup/chain.ts";
import type { Store } from "../../backup/stores/store.ts";
import type { Ops } from "../../config/ops.ts";
import type { Actor } from "../../release/actor.ts";
import type { Evidence } from "../../release/record/evidence.ts";
import type { ReleaseRecord } from "../../release/record/record.ts";
import { headOf, seal } from "../../release/record/seal.ts";
import type { Invocation } from "../../verb.ts";
import { version as tool } from "../../version.ts";
import { readSecrets, readSigningKey } from "./where.ts";

/** A record that was made, as verbs tell it. */
export interface Recorded {
  readonly name: string;
  readonly hash: string;
  /** To remember: nothing up to it can be changed or taken away unseen. */
  readonly head: string;
  /** URL of the store. */
  readonly store: string;
  /** Which key signed it; null: none. */
  readonly signedBy: string | null;
}

/** What is sealed. */
export interface ToRecord {
  readonly service: string;
  readonly evidence: Evidence;
  readonly by: Actor;
  readonly ops: Ops | undefined;
  /** As in `Sealing`. */
  readonly follows?: (before: Chain<ReleaseRecord>) => void;
}

/** Seals evidence, and says on standard error where it is. */
export async function record(
  store: Store,
  { service, evidence, by, ops, follows }: ToRecord,
  { environment, output }: Pick<Invocation, "environment" | "output">,
): Promise<Recorded> {
  const key = await readSigningKey(environment, output);
  const secrets = await readSecrets(ops, environment);
  const version = typeof evidence.version === "string" ? evidence.version : null;
  const { link, chain } = await seal(store, {
    ...{ service, version, by, evidence, secrets, key, follows, tool: `seakeep ${tool()}` },
  });
  for (const problem of chain.problems) output.note(`warning: the chain of records is broken: ${problem}`);
  const signed = key === undefined ? "not signed: SEAKEEP_SIGNING_KEY is not set" : `signed by key ${key.id}`;
  output.note(`recorded as ${headOf(link)}, ${signed}`);
  return {
    name: link.name,
    hash: link.hash,
    head: headOf(link),
    store: store.url,
    signedBy: key?.id ?? null,
  };
}
