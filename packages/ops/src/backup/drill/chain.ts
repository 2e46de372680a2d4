import { append, type Chain, type ChainKind, readNewest, readChain as readWhole } from "../chain.ts";
import type { Store } from "../stores/store.ts";
import { renderMarkdown } from "./markdown.ts";
import { type DrillReport, parseReport, renderReport } from "./report.ts";

const DRILLS: ChainKind<DrillReport> = {
  folder: "drills",
  letter: "d",
  noun: "report",
  parse: parseReport,
  render: renderReport,
};

/** Reads every drill report of a service and holds each against the one before it. */
export function readChain(store: Store, folder: string, signal?: AbortSignal): Promise<Chain<DrillReport>> {
  return readWhole(store, folder, DRILLS, signal);
}

/** The newest report, if it can be read, without looking at the others. */
export function readNewestReport(
  store: Store,
  folder: string,
  signal?: AbortSignal,
): Promise<DrillReport | undefined> {
  return readNewest(store, folder, DRILLS, signal);
}

/**
 * Stores a report as the next of its chain, as JSON for machines and Markdown for people.
 *
 * @returns the report as it stands in the store, and the chain before it
 */
export async function appendReport(
  store: Store,
  folder: string,
  unbound: Omit<DrillReport, "number" | "previous">,
): Promise<{ readonly report: DrillReport; readonly chain: Chain<DrillReport> }> {
  const make = ({ number, previous }: Pick<DrillReport, "number" | "previous">) => ({
    ...unbound,
    number,
    previous,
  });
  const { link, chain } = await append(store, folder, DRILLS, make, renderMarkdown);
  return { report: link.document, chain };
}
