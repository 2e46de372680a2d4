import type { Chain } from "../../backup/chain.ts";
import type { Signer } from "./keys.ts";
import type { ReleaseRecord } from "./record.ts";
import { headOf } from "./seal.ts";

/** What is known of records beforehand. */
export interface Trust {
  /** Whose releases they are. */
  readonly service: string;
  /** Keys whose signatures count. */
  readonly signers: readonly Signer[];
  /** A record that somebody remembers, as `headOf` names it. */
  readonly head?: string | undefined;
}

/** Whether the records of a service are what was written. */
export interface RecordsVerdict {
  readonly verdict: "passed" | "failed" | "unknown";
  /** One sentence. */
  readonly reason: string;
  readonly records: number;
  /** Records with a signature that counts. */
  readonly signed: number;
  /** The newest, to remember; null: there is none. */
  readonly head: string | null;
  /** Everything that is wrong, in words. */
  readonly problems: readonly string[];
  /** What cannot be seen by this, in words. */
  readonly notes: readonly string[];
}

/**
 * Judges a chain of records. The hashes show what was changed between its ends. That its newest were not taken away, or
 * all of it was not written anew, only a remembered head or signatures can show: without either it cannot be told.
 */
export function verifyRecords(
  chain: Chain<ReleaseRecord>,
  { service, signers, head }: Trust,
): RecordsVerdict {
  const { links } = chain;
  const problems = [...chain.problems];
  const anchored = head === undefined ? 0 : anchor(chain, head, problems);
  let signed = 0;
  for (const { name, document, number } of links) {
    if (document === undefined) continue;
    // One key signs for many services: the chain of another, put in the place of this one, is whole and signed.
    if (document.service !== service) problems.push(`${name} is of ${shown(document.service)}`);
    const good = signers.some((signer) => signer.signed(document));
    if (good) signed++;
    // Up to a record that is remembered, all of them are known already.
    else if (signers.length > 0 && number > anchored) problems.push(unsigned(name, document));
  }
  const newest = links.at(-1);
  const facts = {
    records: links.length,
    signed,
    head: newest === undefined ? null : headOf(newest),
    problems,
  };
  const notes = notesOf(facts.records, signers.length, head);
  const say = (verdict: RecordsVerdict["verdict"], reason: string) => ({ ...facts, verdict, reason, notes });
  if (problems.length > 0) return say("failed", `The records are not what was written: ${problems[0]}.`);
  if (newest === undefined) return say("unknown", "Nothing is recorded.");
  if (signers.length === 0 && anchored < newest.number) {
    return say(
      "unknown",
      anchored === 0
        ? "The chain is whole, and nothing shows who wrote it."
        : `The chain is whole, and nothing shows who wrote what follows r${String(anchored).padStart(6, "0")}.`,
    );
  }
  return say(
    "passed",
    `${links.length} ${links.length === 1 ? "record is" : "records are"} what was written.`,
  );
}

/** @returns the number up to which the chain is known by the head. */
function anchor({ links }: Chain<ReleaseRecord>, head: string, problems: string[]): number {
  const name = head.split("@", 1)[0]!;
  const found = links.find((link) => link.name === name);
  if (found !== undefined && headOf(found) === head) return found.number;
  problems.push(
    found === undefined
      ? `${name}, which is remembered, is not there`
      : `${name} is not the one that is remembered`,
  );
  return 0;
}

/** A name from a record: anything may stand there. */
function shown(name: string): string {
  return JSON.stringify(name.slice(0, 80));
}

function unsigned(name: string, { signature }: ReleaseRecord): string {
  if (signature === null) return `${name} is not signed`;
  return `${name} is not signed by a key that counts (it names ${signature.key})`;
}

function notesOf(records: number, signers: number, head: string | undefined): string[] {
  if (records === 0) return [];
  return [
    ...(head === undefined ? ["Records taken away from the end cannot be seen without --head."] : []),
    ...(signers === 0
      ? ["No signature was looked at: give --public-key, or declare `release: { signers }`."]
      : []),
  ];
}
