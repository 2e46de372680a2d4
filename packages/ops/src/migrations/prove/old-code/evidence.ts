import type { Tried } from "../../proof.ts";

/** Whether the previous release runs on the new schema, and why it is thought so: a sentence each, without full stop. */
export interface OldCodeEvidence {
  readonly runs: Tried;
  readonly evidence: readonly string[];
}

/** What several attempts amount to: one failure decides, and one that could not tell leaves it open. */
export function together(list: readonly OldCodeEvidence[]): OldCodeEvidence {
  const runs = list.some((one) => one.runs === "no")
    ? "no"
    : list.length > 0 && list.every((one) => one.runs === "yes")
      ? "yes"
      : "unknown";
  return { runs, evidence: list.flatMap(({ evidence }) => evidence) };
}
