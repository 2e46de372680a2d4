import { relative } from "node:path";
import { annotation } from "../../formats/github.ts";
import { type SarifPlace, type SarifResult, sarif } from "../../formats/sarif.ts";
import { readText } from "../../migrations/histories/folder.ts";
import type { Migration, MigrationSql } from "../../migrations/migration.ts";
import type { Failure } from "../../migrations/prove/apply.ts";
import type { MigrationReport } from "../../migrations/prove/prove.ts";
import type { ProofReport } from "../../migrations/prove/run.ts";
import { placeOf } from "../../migrations/sql/offsets.ts";
import { version } from "../../version.ts";

const HELP = "https://github.com/seakeep/seakeep/blob/main/docs/how-to/prove-migrations.md";

type Rule = "failed" | "unknown" | "data-losing" | "forward-only";

/** What is worth a remark in a review, by what was seen of a migration. */
const RULES: Readonly<Record<Rule, readonly [level: SarifResult["level"], description: string]>> = {
  failed: ["error", "The migration is at fault: it, its way down or the previous release on it fails."],
  unknown: ["warning", "It could not be told what the migration does."],
  "data-losing": ["warning", "Applying it destroys data that the schema before it held."],
  "forward-only": ["note", "Neither the previous release on the new schema nor a way down is proven."],
};

/** A remark, and where it belongs. */
export interface Remark {
  readonly rule: Rule;
  readonly place: SarifPlace;
  readonly message: string;
}

/**
 * What a review should see of a report, each at the statement that failed, or at the start of its migration.
 *
 * @param cwd paths are shown below it
 */
export async function remarksOf(
  { migrations, untried }: ProofReport,
  all: readonly Migration[],
  cwd: string,
): Promise<readonly Remark[]> {
  const remarks: Remark[] = [];
  const find = (name: string) => all.find((migration) => migration.name === name)!;
  for (const report of migrations) {
    const rule = ruleOf(report);
    if (rule === undefined) continue;
    const sentences = report.problems.length > 0 ? report.problems : (report.proof?.evidence ?? []);
    const message = `${report.name}: ${sentences.join(" ")}`;
    remarks.push({ rule, place: await placeOfReport(find(report.name), report, cwd), message });
  }
  for (const name of untried) {
    const place = await placeIn(find(name).up, undefined, cwd);
    remarks.push({ rule: "unknown", place, message: `${name}: one before it could not be applied.` });
  }
  return remarks;
}

function ruleOf({ verdict, proof }: MigrationReport): Rule | undefined {
  if (verdict !== "proven") return verdict;
  return proof?.class === "data-losing" || proof?.class === "forward-only" ? proof.class : undefined;
}

function placeOfReport({ up, down }: Migration, report: MigrationReport, cwd: string): Promise<SarifPlace> {
  const { failure } = report.down ?? {};
  if (report.up.failure === undefined && down !== undefined && failure !== undefined) {
    return placeIn(down, failure, cwd);
  }
  return placeIn(up, report.up.failure, cwd);
}

/** Without a line where a program made the SQL: the file has none that matches. */
async function placeIn(
  { file, text, offset }: MigrationSql,
  failure: Failure | undefined,
  cwd: string,
): Promise<SarifPlace> {
  const shown = relative(cwd, file) || file;
  if (offset === undefined) return { file: shown };
  const at = failure === undefined ? -1 : text.indexOf(failure.statement);
  // The white space before the first statement is none of its own.
  const start = at >= 0 ? at : text.search(/\S|$/);
  return { file: shown, ...placeOf(await readText(file), offset + start) };
}

/** Workflow commands of GitHub Actions, one a line. */
export function proofAnnotations(remarks: readonly Remark[]): string {
  return remarks
    .map(({ rule, place, message }) => {
      const [level] = RULES[rule];
      return annotation({ level: level === "note" ? "notice" : level, ...place, title: rule, message });
    })
    .join("\n");
}

/** A SARIF log; incomplete when something could not be told. */
export function proofSarif(remarks: readonly Remark[]): object {
  return sarif({
    tool: { name: "seakeep migrations prove", version: version() },
    rules: Object.entries(RULES).map(([id, [, description]]) => ({ id, description, helpUri: HELP })),
    results: remarks.map(({ rule, place, message }) => ({
      ruleId: rule,
      level: RULES[rule][0],
      message,
      place,
    })),
    complete: remarks.every(({ rule }) => rule !== "unknown"),
  });
}
