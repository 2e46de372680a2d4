import type { Ops } from "../../config/ops.ts";
import type { GateName } from "../gate-names.ts";
import type { Facts } from "./facts.ts";

/** What a gate found. `unknown` says that it could not see, and is never a pass. */
export interface GateVerdict {
  readonly verdict: "passed" | "failed" | "unknown";
  /** One sentence: what was seen, and what was wanted. */
  readonly reason: string;
  /** One sentence: what to do; absent exactly when it passed. */
  readonly fix?: string;
  /** What the verdict stands on, as plain data without secrets: it goes into the record. */
  readonly evidence: Readonly<Record<string, unknown>>;
}

/** What a gate judges. */
export interface GateContext {
  readonly ops: Ops;
  /** The release that is asked about, when the caller named it. */
  readonly version?: string;
  /** The clock of this machine. */
  readonly now: () => Date;
  readonly facts: Facts;
  readonly signal: AbortSignal;
}

/**
 * One question that must be answered before a release. Each is a folder with one such value, which judges facts and fetches
 * none by itself. `gates.test.ts` holds all of them to the same duties, in the worlds of `cases.testkit.ts`.
 */
export interface Gate {
  readonly name: GateName;
  /** As the checklist says it. */
  readonly title: string;
  /** What it looks at and what it asks for, for the checklist: one or two sentences. */
  looksAt(ops: Ops): string;
  /** What to do when it refuses, for the checklist. */
  readonly mend: string;
  /** The command that shows the same in full. */
  readonly command: string;
  run(context: GateContext): Promise<GateVerdict>;
}

type Evidence = GateVerdict["evidence"];

export function passed(reason: string, evidence: Evidence): GateVerdict {
  return { verdict: "passed", reason, evidence };
}

export function failed(reason: string, fix: string, evidence: Evidence = {}): GateVerdict {
  return { verdict: "failed", reason, fix, evidence };
}

export function unknown(reason: string, fix: string, evidence: Evidence = {}): GateVerdict {
  return { verdict: "unknown", reason, fix, evidence };
}
