import { relative, resolve } from "node:path";
import { SeakeepError } from "@seakeep/contract";
import { Catalog } from "../effects/catalog.ts";
import { readText } from "../histories/folder.ts";
import { splitDirections } from "../histories/node-pg-migrate/sql.ts";
import { FLAVOURS, splitFlavoured } from "../histories/sql-files/flavour.ts";
import type { Migration, MigrationHistory } from "../migration.ts";
import { NotSql } from "../sql/parse.ts";
import { type AllowedFinding, type Finding, type LintInput, lint, placesOf } from "./lint.ts";

/** A file that is not SQL, and where that shows. */
export interface Unparsed {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** What was found in several texts. */
export interface LintReport {
  readonly findings: readonly Finding[];
  readonly allowed: readonly AllowedFinding[];
  readonly unparsed: readonly Unparsed[];
}

/** Looks at files, the way up of each, in the order given: what one makes, the next one knows. */
export async function lintFiles(files: readonly string[], cwd: string): Promise<LintReport> {
  const inputs = await Promise.all(
    files.map(async (file): Promise<LintInput | Unparsed> => {
      const read = await readText(resolve(cwd, file)).catch((error: unknown) => notText(file, error));
      if (typeof read !== "string") return read;
      // psql takes it off, and editors do not count it.
      const whole = read.replace(/^\uFEFF/, "");
      const flavour = FLAVOURS.find(({ up }) => up.test(whole));
      const split = flavour && splitFlavoured(flavour, file, whole);
      const marked = /^\s*--[\s-]*up\s+migration/im.test(whole);
      const { up } = split ?? splitDirections(file, whole);
      const transaction = split?.transaction ?? (marked || undefined);
      return {
        ...{ file, text: up.text, within: { whole, offset: up.offset ?? 0 } },
        ...(transaction !== undefined && { transaction }),
      };
    }),
  );
  return await lintAll(inputs);
}

/**
 * Looks at the migrations of a history; those before a name only tell what there is.
 *
 * @param from index of the first that is looked at
 * @throws {SeakeepError} `SK-MIGRATIONS-001` to `-003` when the history cannot be read.
 */
export async function lintHistory(
  migrations: readonly Migration[],
  { cwd, from = 0 }: { readonly cwd: string; readonly from?: number },
): Promise<LintReport> {
  const inputs = await Promise.all(
    migrations.map(async ({ up: { file, text, offset }, transaction }): Promise<LintInput> => {
      const whole = offset === undefined ? undefined : await readText(file);
      const shown = relative(cwd, file) || file;
      return {
        file: shown,
        text,
        transaction,
        ...(whole === undefined ? { made: true } : { within: { whole, offset: offset! } }),
      };
    }),
  );
  return await lintAll(inputs, from);
}

/** Index of the migration after one that is named. */
export function indexAfter(
  migrations: readonly Migration[],
  name: string,
  history: MigrationHistory,
): number {
  const index = migrations.findIndex((migration) => migration.name === name);
  if (index >= 0) return index + 1;
  throw new SeakeepError("SK-MIGRATIONS-005", `${history.folder} has no migration ${name}.`, {
    fix: `Name one of them, such as ${migrations.at(-1)?.name ?? "(there is none)"}.`,
  });
}

/** A file that is there but holds no text is one that cannot be looked at; the others can. */
function notText(file: string, error: unknown): Unparsed {
  if (!(error instanceof SeakeepError) || error.code !== "SK-MIGRATIONS-002") throw error;
  return { file, line: 1, column: 1, message: "it is not UTF-8" };
}

async function lintAll(inputs: readonly (LintInput | Unparsed)[], from = 0): Promise<LintReport> {
  const catalog = new Catalog();
  const findings: Finding[] = [];
  const allowed: AllowedFinding[] = [];
  const unparsed: Unparsed[] = [];
  for (const [index, input] of inputs.entries()) {
    if ("message" in input) {
      unparsed.push(input);
      continue;
    }
    try {
      const found = await lint(input, catalog);
      if (index < from) continue;
      findings.push(...found.findings);
      allowed.push(...found.allowed);
    } catch (error) {
      if (!(error instanceof NotSql)) throw error;
      unparsed.push({ file: input.file, ...placesOf(input)(error.offset), message: error.message });
    }
  }
  return { findings, allowed, unparsed };
}
