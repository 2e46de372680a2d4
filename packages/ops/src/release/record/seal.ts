import { append, type Chain, type Link } from "../../backup/chain.ts";
import { serviceFolder } from "../../backup/layout.ts";
import type { Store } from "../../backup/stores/store.ts";
import type { Actor } from "../actor.ts";
import { decisionOf, type Evidence, refuseSecrets } from "./evidence.ts";
import type { SigningKey } from "./keys.ts";
import { renderMarkdown } from "./markdown.ts";
import { RECORDS, type ReleaseRecord } from "./record.ts";

/** What is recorded. */
export interface Sealing {
  readonly service: string;
  readonly version: string | null;
  readonly by: Actor;
  readonly tool: string;
  readonly evidence: Evidence;
  /** Values that must not be in it, by name. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Absent: the record is not signed. */
  readonly key?: SigningKey | undefined;
  /** Sees the chain that the record is about to follow; what it throws keeps the record from being written. */
  readonly follows?: ((before: Chain<ReleaseRecord>) => void) | undefined;
}

/** A record in its place. */
export interface Sealed {
  readonly link: Link<ReleaseRecord> & { readonly document: ReleaseRecord };
  /** The chain before it. */
  readonly chain: Chain<ReleaseRecord>;
}

/**
 * Seals evidence as the next record of a service: numbered, bound to the record before it and, with a key, signed.
 *
 * @throws {SeakeepError} `SK-RELEASE-005` when it holds a secret; `StoreError`.
 */
export async function seal(
  store: Store,
  { service, key, secrets, follows, ...facts }: Sealing,
): Promise<Sealed> {
  refuseSecrets(facts.evidence, secrets);
  const { version, by, tool, evidence } = facts;
  const at = (await store.now()).toISOString();
  const decision = decisionOf(evidence);
  return await append(
    store,
    serviceFolder(service),
    RECORDS,
    ({ number, previous }, before) => {
      follows?.(before);
      const record: ReleaseRecord = {
        ...{
          format: 1,
          number,
          previous,
          at,
          service,
          version,
          decision,
          by,
          tool,
          evidence,
          signature: null,
        },
      };
      return key === undefined ? record : key.sign(record);
    },
    renderMarkdown,
  );
}

/** What names a record for good: as long as somebody remembers it, nothing up to it can be changed or taken away. */
export function headOf({ name, hash }: Pick<Link<ReleaseRecord>, "name" | "hash">): string {
  return `${name}@${hash}`;
}
