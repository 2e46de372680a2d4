import { createHash } from "node:crypto";
import { readDocument, writeDocument } from "../document.ts";
import { failedAs } from "../stores/error.ts";
import type { Store } from "../stores/store.ts";
import { renderMarkdown } from "./markdown.ts";
import { type DrillReport, parseReport, renderReport } from "./report.ts";

/** The reports of a service, each bound to the one before it. */
export interface Chain {
  /** The newest report that can be read. */
  readonly newest?: DrillReport;
  /** Number of the newest that is there, readable or not. */
  readonly last: number;
  /** SHA-256 of the newest. */
  readonly hash: string | null;
  /** Where a report is missing, changed or unreadable, in words; empty: it is whole. */
  readonly problems: readonly string[];
}

/** Larger than any report. */
const MOST_BYTES = 4 * 1024 * 1024;
/** Drills of one service that end in the same moment. */
const ATTEMPTS = 5;

/** Prefix of a service's reports. */
function prefix(folder: string): string {
  return `${folder}/drills/`;
}

/** `d000007`: numbered without a time, so that two drills cannot both be the seventh. */
function nameOf(number: number): string {
  return `d${String(number).padStart(6, "0")}`;
}

/** Reads every report of a service and holds each against the one before it. */
export async function readChain(store: Store, folder: string, signal?: AbortSignal): Promise<Chain> {
  const problems: string[] = [];
  let newest: DrillReport | undefined;
  let hash: string | null = null;
  let last = 0;
  for (const number of await numbersOf(store, folder)) {
    const text = await readDocument(store, `${prefix(folder)}${nameOf(number)}.json`, MOST_BYTES, signal);
    if (number !== last + 1) problems.push(missing(last + 1, number - 1));
    const report = parseReport(text);
    if (report === undefined || report.number !== number) problems.push(`${nameOf(number)} is no report`);
    else if (number === last + 1 && report.previous !== hash) {
      problems.push(
        `${nameOf(number)} does not carry the hash of the report before it: one of them was changed`,
      );
    }
    if (report !== undefined) newest = report;
    hash = createHash("sha256").update(text).digest("hex");
    last = number;
  }
  return { ...(newest && { newest }), last, hash, problems };
}

/** The newest report that can be read, without looking at the others. */
export async function readNewestReport(
  store: Store,
  folder: string,
  signal?: AbortSignal,
): Promise<DrillReport | undefined> {
  const number = (await numbersOf(store, folder)).at(-1);
  if (number === undefined) return undefined;
  return parseReport(
    await readDocument(store, `${prefix(folder)}${nameOf(number)}.json`, MOST_BYTES, signal),
  );
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
): Promise<{ readonly report: DrillReport; readonly chain: Chain }> {
  for (let attempt = 1; ; attempt++) {
    const chain = await readChain(store, folder);
    const report: DrillReport = { ...unbound, number: chain.last + 1, previous: chain.hash };
    const key = `${prefix(folder)}${nameOf(report.number)}`;
    try {
      await writeDocument(store, `${key}.json`, renderReport(report), { ifAbsent: true });
    } catch (error) {
      if (failedAs(error, "conflict") && attempt < ATTEMPTS) continue;
      throw error;
    }
    await writeDocument(store, `${key}.md`, renderMarkdown(report, chain.problems));
    return { report, chain };
  }
}

async function numbersOf(store: Store, folder: string): Promise<number[]> {
  const numbers: number[] = [];
  for await (const { key } of store.list(prefix(folder))) {
    const number = /^d(\d{6,12})\.json$/.exec(key.slice(prefix(folder).length))?.[1];
    if (number !== undefined) numbers.push(Number(number));
  }
  return numbers.sort((a, b) => a - b);
}

function missing(from: number, to: number): string {
  return from === to ? `${nameOf(from)} is missing` : `${nameOf(from)} to ${nameOf(to)} are missing`;
}
