import { type Chain, readChain } from "../../backup/chain.ts";
import { serviceFolder } from "../../backup/layout.ts";
import type { Store } from "../../backup/stores/store.ts";
import type { Signer } from "../../release/record/keys.ts";
import { RECORDS, type ReleaseRecord } from "../../release/record/record.ts";

/** A deploy that was recorded. */
export interface RecordedDeploy {
  readonly at: Date;
  readonly version: string;
  /** The version before it. */
  readonly before?: string | undefined;
}

/** What the records of releases tell of the last deploy; a text says why nothing. */
export type Recorded = RecordedDeploy | string;

/** Reads it. A chain in which something is missing or changed tells nothing. */
export async function readDeploy(
  store: Store,
  service: string,
  signers: readonly Signer[],
  signal: AbortSignal,
): Promise<Recorded> {
  const chain = await readChain(store, serviceFolder(service), RECORDS, signal);
  return lastDeploy(believed(chain, service, signers));
}

/**
 * The records to go by: where keys are declared whose signatures count, those that they signed. Whoever can write to the store
 * could else name the version to go back to.
 */
export function believed(
  { links, problems }: Pick<Chain<ReleaseRecord>, "links" | "problems">,
  service: string,
  signers: readonly Signer[],
): Pick<Chain<ReleaseRecord>, "links" | "problems"> {
  const foreign = links.filter(({ document }) => document !== undefined && document.service !== service);
  return {
    links: links.filter(
      ({ document }) =>
        document !== undefined && (signers.length === 0 || signers.some((signer) => signer.signed(document))),
    ),
    problems: [...problems, ...foreign.map(({ name }) => `${name} is of another service`)],
  };
}

/** The last change of version that a release or a rollback was recorded for. */
export function lastDeploy({ links, problems }: Pick<Chain<ReleaseRecord>, "links" | "problems">): Recorded {
  if (problems.length > 0) return `the records of releases are broken: ${problems[0]}`;
  let last: RecordedDeploy | undefined;
  for (const { document } of links) {
    const version = document && deployedBy(document);
    if (version === undefined || version === last?.version) continue;
    last = { at: new Date(document!.at), version, before: last?.version };
  }
  return last ?? "no release is recorded";
}

function deployedBy({ version, decision, evidence }: ReleaseRecord): string | undefined {
  if (version === null) return undefined;
  // Verified is deployed, whatever the verdict on it was.
  if (evidence.kind === "release verify") return version;
  if (evidence.kind === "release check") return decision === "ship" ? version : undefined;
  return evidence.kind === "rollback run" && evidence.outcome === "done" ? version : undefined;
}
