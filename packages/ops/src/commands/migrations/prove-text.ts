import type { Application } from "../../migrations/prove/apply.ts";
import { relationText } from "../../migrations/prove/evidence.ts";
import { blocksWrites } from "../../migrations/prove/lock-mode.ts";
import type { MigrationReport } from "../../migrations/prove/prove.ts";
import type { ProofReport } from "../../migrations/prove/run.ts";
import type { Paint } from "../../print.ts";

const MARKS = { proven: ["green", "✓"], failed: ["red", "✗"], unknown: ["yellow", "?"] } as const;

/** A report for people. */
export function proofText({ data, migrations, untried, unfilled }: ProofReport, paint: Paint): string {
  if (migrations.length === 0) return "No migration is pending.";
  return [
    ...migrations.map((report) => migrationText(report, paint)),
    ...untried.map(
      (name) => `${paint("yellow", "?")} ${name}: not tried, because one before it could not be applied`,
    ),
    `on ${data === "sample" ? "made-up rows" : `backup ${data}`}`,
    ...unfilled.map(({ table, column, why }) =>
      column === undefined
        ? `  no rows could be made for ${table}: ${why}`
        : `  no values could be made for ${table}.${column}: ${why}`,
    ),
  ].join("\n");
}

function migrationText({ name, verdict, proof, problems, up }: MigrationReport, paint: Paint): string {
  const [colour, mark] = MARKS[verdict];
  const lines = [...(proof?.evidence ?? []), ...lockTimes(up)].map((line) => `    ${line}`);
  const told = new Set(proof?.evidence);
  const faults = problems
    .filter((problem) => !told.has(problem))
    .map((problem) => `    ${paint("red", problem)}`);
  const title = proof === undefined ? "could not be applied" : proof.class;
  return [`${paint(colour, mark)} ${paint("bold", name)}: ${title}`, ...lines, ...faults].join("\n");
}

/** How long others would have waited here; elsewhere it takes as long as there is data. */
function lockTimes({ locks }: Application): string[] {
  return locks
    .filter(
      ({ mode, relation }) => blocksWrites(mode) && relation.kind !== "index" && relation.kind !== "sequence",
    )
    .map(
      ({ mode, relation, milliseconds }) =>
        `${mode} on ${relationText(relation)} for ${Math.max(1, Math.round(milliseconds))} ms here.`,
    );
}
