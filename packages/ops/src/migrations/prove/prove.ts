import type { Migration } from "../migration.ts";
import { classify, fingerprint, type ProvenMigration } from "../proof.ts";
import { type Application, apply } from "./apply.ts";
import { BEFORE, type Bench, readState, WORK } from "./bench.ts";
import { withSession } from "./databases.ts";
import { tryDown, type Way } from "./down.ts";
import { applicationEvidence, briefly } from "./evidence.ts";
import { readFacts } from "./facts.ts";
import { findLosses, type Losses } from "./loss.ts";
import { judgeOldCode } from "./old-code/judge.ts";
import { invalidIndexes } from "./schema-text.ts";
import { openTracer } from "./trace.ts";
import { visibleChanges } from "./visible.ts";

/** What was found of one migration. */
export interface MigrationReport {
  readonly name: string;
  /**
   * - `proven`: it was applied, and nothing about it is a fault.
   * - `failed`: it is at fault; `problems` say how.
   * - `unknown`: it could not be applied here, and that may not be its fault.
   */
  readonly verdict: "proven" | "failed" | "unknown";
  /** A sentence each. */
  readonly problems: readonly string[];
  readonly up: Application;
  readonly down?: Application;
  /** Absent when it could not be applied: then nothing is proven. */
  readonly proof?: ProvenMigration;
}

/** States of a server that say that time ran out, not that something is wrong. */
const OUT_OF_TIME: ReadonlySet<string> = new Set(["57014", "55P03"]);

/**
 * Applies one migration to the work database, and finds out what it means for who has to go back. The database is left
 * as the migration made it.
 */
export async function prove(bench: Bench, migration: Migration): Promise<MigrationReport> {
  const { databases, signal } = bench;
  await databases.copy(WORK, BEFORE);
  const before = await readState(bench, BEFORE);
  const { up, visible, invalid } = await applyUp(bench, migration);
  const { name } = migration;
  if (up.failure !== undefined) return { name, up, ...judgeFailure(bench, up, invalid) };
  const losses = await withSession(databases.connection(BEFORE), (old) =>
    withSession(databases.connection(WORK), (now) => findLosses(old, before.contents, now)),
  );
  const unseen = [...losses.unseen, ...untouched(bench, up)];
  signal.throwIfAborted();
  const old = await judgeOldCode(bench, visible);
  const down = migration.down && (await tryDown(bench, migration, before));
  const losesData = losses.lost.length > 0 ? "yes" : unseen.length > 0 ? "unknown" : "no";
  const facts = { losesData, oldCodeRuns: old.runs, downRestores: down?.restores ?? "unknown" } as const;
  const problems = [
    ...invalid.map((index) => `It leaves the index ${index} invalid.`),
    ...(old.runs === "no"
      ? old.evidence.filter((line) => line.includes("no longer works")).map(sentence)
      : []),
    ...(down === undefined ? [] : downProblems(down, losesData === "yes")),
  ];
  return {
    name,
    verdict: problems.length > 0 ? "failed" : "proven",
    problems,
    up,
    ...(down && { down: down.application }),
    proof: {
      name,
      sha256: fingerprint(migration),
      server: bench.server,
      data: bench.data,
      class: classify(facts),
      facts,
      evidence: [
        ...applicationEvidence(up, migration.transaction),
        ...invalid.map((index) => `Leaves the index ${index} invalid.`),
        ...lossEvidence(losses, unseen),
        ...old.evidence.map(sentence),
        ...(down?.evidence.map(sentence) ?? ["There is no down migration."]),
      ],
    },
  };
}

async function applyUp(bench: Bench, migration: Migration) {
  const { databases, role, statementTimeout, signal } = bench;
  const tracer = await openTracer(databases.connection(WORK), { role, statementTimeout });
  try {
    const before = await readFacts(tracer.session);
    const old = new Set(await invalidIndexes(tracer.session));
    const up = await apply(tracer, migration.up, migration, signal);
    const invalid = (await invalidIndexes(tracer.session)).filter((index) => !old.has(index));
    return { up, invalid, visible: visibleChanges(before, await readFacts(tracer.session)) };
  } finally {
    await tracer.close();
  }
}

function judgeFailure(
  { data }: Bench,
  { failure }: Application,
  invalid: readonly string[],
): Pick<MigrationReport, "verdict" | "problems"> {
  const { statement, state, message } = failure!;
  const problems = [
    `${briefly(statement)} failed: ${message}.`,
    ...invalid.map((index) => `It leaves the index ${index} invalid.`),
  ];
  if (OUT_OF_TIME.has(state)) return { verdict: "unknown", problems };
  if (state.startsWith("23") && data === "sample") {
    const how =
      "The rows that it failed on were made up; a backup would tell whether production has such rows.";
    return { verdict: "unknown", problems: [...problems, how] };
  }
  return { verdict: "failed", problems };
}

/** Rows that were made up may lack just those that a statement is about. */
function untouched({ data }: Bench, { statements }: Application): readonly string[] {
  if (data !== "sample") return [];
  return statements.flatMap(({ text, locks, rows }) => {
    const meant = locks.some(({ mode, relation }) => mode === "ROW EXCLUSIVE" && relation.kind === "table");
    return meant && rows.length === 0 ? [`${briefly(text)} found none of the rows that it is about`] : [];
  });
}

function lossEvidence({ lost }: Losses, unseen: readonly string[]): readonly string[] {
  if (lost.length > 0) return [...lost, ...unseen].map((line) => sentence(`loses data: ${line}`));
  if (unseen.length > 0) return unseen.map((line) => sentence(`may lose data: ${line}`));
  return ["Loses no data: every value is where it was."];
}

/** Nothing brings back what is lost, and no down migration is blamed for it. */
function downProblems({ application, restores, evidence }: Way, lost: boolean): readonly string[] {
  if (application.failure !== undefined) return [sentence(evidence[0]!)];
  return restores === "no" && !lost ? evidence.map(sentence) : [];
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`.replace(/\.\.$/, ".");
}
