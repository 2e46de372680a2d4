import type { Ops } from "../../config/ops.ts";
import { DIMENSIONS, QUESTIONS } from "../../rollback/dimensions.ts";
import { DECISIONS, type Decision, MATRIX, type Rule } from "../../rollback/matrix.ts";
import { planFor } from "../../rollback/plan.ts";
import { shown } from "../../rollback/words.ts";
import { type GeneratedFile, headerLines } from "../file.ts";
import type { Timing } from "../timing.ts";
import { code, escaped, table } from "./words.ts";

/** The rollback runbook: for whoever is paged after a deploy. Its table and commands are those that `seakeep` uses itself. */
export function rollbackRunbook(ops: Ops, timing: Timing): GeneratedFile[] {
  const { service } = ops;
  const parts = [
    `<!--\n${headerLines(service, timing).join("\n")}\n-->\n`,
    `# Rolling ${service.name} back\n`,
    `Owner: **${escaped(service.owner)}** · Declaration: ${code(service.hash)}\n`,
    MEANING,
    IMPACT,
    diagnosis(ops),
    matrix(),
    mitigation(ops),
  ];
  return [{ path: "docs/rollback.md", content: parts.join("\n") }];
}

const MEANING = `## Meaning

Something is wrong since a deploy, or data is. This page is for the question "go back, go forward, or wait?", and for doing it.
`;

const IMPACT = `## Impact

- **Going back costs the deploy.** The version before comes back with its own faults.
- **Taking a migration back** can drop what was written since. It is done only when it is proven to restore, and drops nothing that holds data.
- **Restoring the database** loses what was written since the backup. It is done only for damaged data, from a proven backup, and after somebody typed a text that names the loss.
`;

function diagnosis({ signals, drill, rollback, migrations, backup }: Ops): string {
  const known = (is: boolean, yes: string, no: string) => (is ? yes : no);
  const rows = QUESTIONS.map((question) => [
    question,
    DIMENSIONS[question].asks,
    {
      data: known(
        drill.expect.length > 0,
        "the expectations of the drill, read-only on the live database",
        "`--data-sound` or `--data-damaged`: nothing is declared that it must hold",
      ),
      service: known(
        signals !== undefined,
        "the SLOs since the deploy",
        "`--harmed` or `--healthy`: no signals are configured",
      ),
      deploy: "the records of releases, or `--since TIME`",
      previous: known(
        rollback.app !== undefined,
        "the records of releases, or `--to VERSION`",
        "nothing: `rollback.app` is not configured",
      ),
      schema: known(
        migrations !== undefined,
        "`seakeep.migrations.json`, and `--migrated-after NAME`",
        "the newest backup from before: no migrations are configured",
      ),
      down: known(
        migrations !== undefined,
        "the same, and what the down SQL would drop",
        "nothing: no migrations are configured",
      ),
      backup: known(backup !== undefined, "the store", "nothing: no store is configured"),
      loss: known(
        backup !== undefined,
        "the database, row by row once the backup stands beside it",
        "nothing: no store is configured",
      ),
    }[question],
  ]);
  return `## Diagnosis

\`\`\`sh
seakeep rollback advise --since TIME_OF_DEPLOY --from CURRENT --to PREVIOUS
\`\`\`

It changes nothing. It prints the decision, what it saw, and the plan. Exit code 0: wait. 1: something is to be done. 3: it could not tell, and says what is missing.

${table(["", "Question", "Answered by"], rows)}

What the operator says on the command line goes before what is looked up.
`;
}

function matrix(): string {
  return `### How it decides

The first row that holds decides. What is not named does not matter.

${matrixTable()}
`;
}

/** The decision matrix as a table. */
export function matrixTable(): string {
  const rows = MATRIX.map((rule) => [
    conditions(rule),
    `**${rule.decision}**${rule.get ? `: ${rule.get}` : ""}`,
    reason(rule),
  ]);
  return table(["When", "Then", "Because"], rows);
}

function conditions({ when }: Rule): string {
  const parts = QUESTIONS.flatMap((question) => {
    const answers: readonly string[] | undefined = when[question];
    return answers === undefined ? [] : [`${question} ${answers.join(" or ")}`];
  });
  return parts.join(", ");
}

function reason({ because }: Rule): string {
  return escaped(because.replace(/\{(\w+)\}/g, (_, name: string) => WORDS[name] ?? name));
}

const WORDS: Readonly<Record<string, string>> = {
  current: "the version that runs",
  previous: "the version before",
  migrations: "the migrations in between",
  backup: "the backup",
  loss: "what was written since",
  dropped: "what was written since",
};

const ORDER: readonly Decision[] = [
  ...([
    "roll-back-app",
    "revert-migration-then-app",
    "restore-database",
    "roll-forward",
    "wait",
    "find-out",
  ] as const),
];

function mitigation(ops: Ops): string {
  const sections = ORDER.map(
    (decision) => `### ${decision}\n\n${sentence(decision)}\n\n${steps(ops, decision)}`,
  );
  return `## Mitigation

\`\`\`sh
seakeep rollback advise --since TIME_OF_DEPLOY --from CURRENT --to PREVIOUS --run   # walks the plan, step by step
seakeep rollback advise --run                                                      # goes on after a crash
seakeep rollback advise --run --abort                                              # ends it there, and shows the way back
\`\`\`

By hand, the same commands in the same order. \`advise\` prints them with the words in capitals filled in.

${sections.join("\n")}`;
}

function sentence(decision: Decision): string {
  const text = DECISIONS[decision];
  return `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}

const NONE: Readonly<Partial<Record<Decision, string>>> = {
  wait: "There is nothing to run. Ask again in a while.\n",
  "find-out": "There is nothing to run. Get what `advise` says is missing, and ask again.\n",
};

function steps(ops: Ops, decision: Decision): string {
  const none = NONE[decision];
  if (none !== undefined) return none;
  if (ops.rollback.app === undefined && decision !== "restore-database")
    return "Nothing is configured that deploys a version: declare `rollback.app`.\n";
  const planned = planFor(decision, {
    rollback: ops.rollback,
    ...{ options: [], identity: [], deployed: ops.rollback.app !== undefined },
    ...{ current: "CURRENT", previous: "PREVIOUS", fix: "FIX", revert: ["MIGRATION"] },
    database: { name: "DATABASE", fingerprint: "FINGERPRINT" },
    backup: { id: "ID", into: "DATABASE_from_ID" },
  });
  return planned
    .map(({ does, command, check, back, loses }, index) => {
      const lossy = loses ? " **Loses data**: count it first, with the check of the step before." : "";
      const way = back.command === undefined ? back.does : `${back.does} ${code(shown(back.command))}`;
      return `${index + 1}. ${does}${lossy}

   \`\`\`sh
   ${shown(command)}
   \`\`\`

   Check: ${code(shown(check.command))}. ${check.see} Way back: ${way}
`;
    })
    .join("\n");
}
