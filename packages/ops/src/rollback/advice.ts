import { SeakeepError } from "@seakeep/contract";
import { DIMENSIONS, type Dimension, QUESTIONS } from "./dimensions.ts";
import { evidenceOf } from "./evidence.ts";
import type { Gathered } from "./gather.ts";
import { type Decision, decide, missing } from "./matrix.ts";
import { fingerprintOf, type PlanFacts, planFor, type Step } from "./plan.ts";
import type { Statements, Surroundings } from "./settings.ts";
import { isVersion } from "./words.ts";

/** What is advised, on what evidence, and the commands that do it. */
export interface Advice {
  readonly service: { readonly name: string };
  /** The version that runs, as far as that is known. */
  readonly version?: string;
  readonly decision: Decision;
  /** Id of the row of the matrix that decided. */
  readonly rule: string;
  readonly because: string;
  readonly evidence: readonly {
    readonly question: Dimension;
    readonly answer: string;
    readonly saw: string;
  }[];
  /** Answers that are missing and would change the decision, the most urgent first, each with how to get it. */
  readonly missing: readonly { readonly question: Dimension; readonly get: string }[];
  /** What is good to know besides. */
  readonly notes: readonly string[];
  readonly steps: readonly Step[];
  /** Confirms this very plan. */
  readonly fingerprint: string;
}

/** What the command line adds to a plan's commands. */
export type PassedOn = Pick<PlanFacts, "options" | "identity">;

/**
 * Decides, and plans.
 *
 * @throws {SeakeepError} `SK-ROLLBACK-001` and `-002`.
 */
export function advise(
  gathered: Gathered,
  { ops }: Pick<Surroundings, "ops">,
  said: Statements,
  passedOn: PassedOn,
): Advice {
  const { findings, database, entry, into } = gathered;
  const evidence = evidenceOf(findings);
  const rule = decide(evidence);
  for (const version of [said.from, said.to, said.fix]) {
    if (version === undefined || isVersion(version)) continue;
    throw new SeakeepError(
      "SK-ROLLBACK-001",
      `${JSON.stringify(version.slice(0, 80))} may not be a version.`,
    );
  }
  const steps = planFor(rule.decision, {
    ...passedOn,
    rollback: ops.rollback,
    deployed: evidence.deploy === "made",
    ...{
      current: gathered.current,
      previous: gathered.previous,
      fix: said.fix,
      revert: gathered.revert,
      database,
    },
    backup: entry && into !== undefined ? { id: entry.id, into } : undefined,
  });
  return {
    service: { name: ops.service.name },
    ...(gathered.current !== undefined && { version: gathered.current }),
    decision: rule.decision,
    rule: rule.id,
    because: fill(rule.because, gathered),
    evidence: QUESTIONS.map((question) => ({ question, ...findings[question] })),
    missing: missing(evidence).map((question) => ({ question, get: howToGet(question, gathered) })),
    notes: notes(gathered, rule.decision, said),
    steps,
    fingerprint: fingerprintOf(rule.decision, steps),
  };
}

/** Fills the words in braces of a reason. */
function fill(
  because: string,
  {
    current,
    previous,
    revert,
    entry,
    findings,
  }: Pick<Gathered, "current" | "previous" | "revert" | "entry" | "findings">,
): string {
  const words: Readonly<Record<string, string>> = {
    current: current ?? "the version that runs",
    previous: previous ?? "the version before",
    migrations: revert.length === 0 ? "the migrations in between" : revert.join(", "),
    backup: entry?.id ?? "the backup",
    loss: findings.loss.saw,
    dropped: findings.down.saw,
  };
  return because.replace(/\{(\w+)\}/g, (whole, name: string) => words[name] ?? whole);
}

function howToGet(question: Dimension, { entry }: Gathered): string {
  if (question === "backup" && entry !== undefined) return `prove it: seakeep drill --id ${entry.id}`;
  return DIMENSIONS[question].get;
}

function notes({ drill, findings }: Gathered, decision: Decision, { fix }: Statements): string[] {
  const { seconds, declaredSeconds, verdict } = drill?.rto ?? {};
  const measured =
    seconds === undefined
      ? "No drill has measured how long a restore takes."
      : `The last drill (${drill!.startedAt}) restored in ${seconds} s${
          declaredSeconds === undefined ? "" : ` of ${declaredSeconds} s that are promised: ${verdict}`
        }.`;
  return [
    ...(decision === "restore-database" ? [measured] : []),
    ...(findings.backup.answer === "none" && decision !== "wait"
      ? ["There is no backup to fall back on."]
      : []),
    ...(decision === "roll-forward" && fix === undefined
      ? ["Write the fix, look at it with seakeep release check, and deploy it: --fix VERSION plans that."]
      : []),
  ];
}
