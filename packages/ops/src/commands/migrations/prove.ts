import { join, resolve } from "node:path";
import { milliseconds, NAMES, SeakeepError } from "@seakeep/contract";
import { InvalidArgumentError, Option } from "commander";
import { loadConfig } from "../../config/load.ts";
import type { Ops } from "../../config/ops.ts";
import { EXIT, type ExitCode } from "../../exit.ts";
import { writeWhole } from "../../generate/folder.ts";
import type { Migration } from "../../migrations/migration.ts";
import { type MigrationsProof, PROOF_FILE } from "../../migrations/proof.ts";
import {
  mergeProof,
  NOTHING_PROVEN,
  readProof,
  renderProof,
  staleness,
} from "../../migrations/proof-file.ts";
import type { OldCode } from "../../migrations/prove/bench.ts";
import { readStatements } from "../../migrations/prove/old-code/statements.ts";
import { type ProofReport, proveAll } from "../../migrations/prove/run.ts";
import { openWorkFolder } from "../../postgres/scratch/work-folder.ts";
import { examples, type Invocation, type Verb } from "../../verb.ts";
import { defineRestoring, type RestoringOptions, workFolderOf } from "../backup/restoring.ts";
import { defineStore, type StoreVerbOptions } from "../backup/where.ts";
import { openBench } from "./bench.ts";
import { proofAnnotations, proofSarif, remarksOf } from "./prove-formats.ts";
import { proofText } from "./prove-text.ts";

export interface ProveVerbOptions extends StoreVerbOptions, RestoringOptions {
  readonly backup?: string;
  readonly sample?: boolean;
  readonly rows: number;
  readonly since?: string;
  readonly all?: boolean;
  readonly statements?: readonly string[];
  readonly check?: boolean;
  readonly timeout: number;
  readonly format: "pretty" | "json" | "sarif" | "github";
}

/** `seakeep migrations prove`: applies what is pending to a scratch Postgres, and sees what it means for a rollback. */
export const prove: Verb<ProveVerbOptions> = {
  define(command) {
    command
      .argument("[command...]", "after --: a program that exits with 0 when the previous release works")
      .option("--check", `only say whether ${PROOF_FILE} is up to date; needs no server`)
      .option("--backup <id>", "fill the scratch database from this backup (default: the newest proven one)")
      .option("--sample", "fill it with rows made up for the schema, also where there are backups")
      .addOption(
        new Option("--rows <count>", "rows to make up for each table").default(1000).argParser(count),
      )
      .option("--since <name>", "the last migration that production has, where no record says")
      .option("--all", "prove every migration, from an empty database on")
      .option("--statements <file>", "SQL that the previous release sends; may be repeated", collect)
      .addOption(
        new Option("--timeout <duration>", "time for one statement, and for the program")
          .default(60_000, "60s")
          .argParser(duration),
      )
      .addOption(
        new Option("--format <format>", "how to print")
          .choices(["pretty", "json", "sarif", "github"])
          .default("pretty"),
      );
    defineStore(command);
    defineRestoring(command, "dump and scratch server live; it needs room for the data three times");
    command.addHelpText(
      "after",
      `${examples([
        ["seakeep migrations prove", `Each pending migration, on the newest backup; writes ${PROOF_FILE}.`],
        ["seakeep migrations prove --sample --since 003_tokens", "On made-up rows, without any database."],
        ["seakeep migrations prove --statements previous.sql", "And does the previous release still run?"],
        [
          "seakeep migrations prove -- node previous/check.js",
          "The same by a program; it finds DATABASE_URL set.",
        ],
        [
          "seakeep migrations prove --format github",
          "In a workflow of GitHub Actions: what a review should see.",
        ],
        ["seakeep migrations prove --check", "In CI: is every migration proven as it is written now?"],
      ])}
Production is never written to: of the configured database only the record of applied migrations is read.

Exit codes: 0 proven, 1 a migration is at fault or ${PROOF_FILE} is stale, 2 usage, 3 could not tell, 130 interrupted.
`,
    );
  },
  async run(options, invocation) {
    const { cwd, environment, output } = invocation;
    const { ops, folder } = await loadConfig({ file: options.config, cwd, environment });
    if (ops.migrations === undefined) {
      throw new SeakeepError("SK-PROVE-005", "The configuration names no migrations.", {
        fix: 'Declare them, such as `migrations: nodePgMigrate("migrations")`.',
      });
    }
    const history = ops.migrations.open(folder);
    const all = await history.read();
    if (options.check) return check(all, await readProof(folder), invocation);
    const oldCode = await readOldCode(options, ops, invocation);
    const kept = await keptProof(folder, invocation);
    const work = await openWorkFolder(workFolderOf(options, invocation));
    try {
      const opened = await openBench({ options, ops, history, all, work, invocation });
      const bench = { ...opened.bench, oldCode, statementTimeout: options.timeout };
      const report = await proveAll(bench, opened.pending, {
        sampleRows: opened.bench.data === "sample" ? options.rows : undefined,
        onMigration: (name) => output.status(`proving ${name}`),
      });
      const proofs = report.migrations.flatMap(({ proof }) => proof ?? []);
      const text = renderProof(mergeProof(all, kept, proofs));
      const changed = text !== renderProof(kept);
      if (changed) await writeWhole(join(folder, PROOF_FILE), text);
      await print(report, { changed, all, format: options.format }, invocation);
      return verdict(report);
    } finally {
      output.status("");
      await work.close();
    }
  },
};

function check(all: readonly Migration[], proof: MigrationsProof, { output }: Invocation): ExitCode {
  const stale = staleness(all, proof);
  output.result({ ok: stale.length === 0, stale }, () =>
    stale.length === 0
      ? `${output.paint("green", "✓")} ${PROOF_FILE} is up to date: ${proof.migrations.length} proven`
      : [`${output.paint("red", "✗")} ${PROOF_FILE} is stale`, ...stale.map((line) => `    ${line}`)].join(
          "\n",
        ),
  );
  if (stale.length > 0) output.note(`next: seakeep migrations prove, and commit ${PROOF_FILE}`);
  return stale.length === 0 ? EXIT.passed : EXIT.failed;
}

/** What cannot be read is written anew: that is what this verb is for. */
async function keptProof(folder: string, { output }: Invocation): Promise<MigrationsProof> {
  return await readProof(folder).catch((error: unknown) => {
    if (!(error instanceof SeakeepError)) throw error;
    output.note(`warning: ${error.what} It is written anew.`);
    return NOTHING_PROVEN;
  });
}

async function readOldCode(
  options: ProveVerbOptions,
  ops: Ops,
  { cwd, environment }: Invocation,
): Promise<OldCode> {
  const statements = (options.statements ?? []).map((file) => readStatements(resolve(cwd, file), file));
  const { operands: words, timeout } = options;
  const variables = [
    ...new Set([NAMES.environment.databaseUrl, ops.database?.name ?? NAMES.environment.databaseUrl]),
  ];
  return {
    statements: await Promise.all(statements),
    ...(words.length > 0 && { command: { words, cwd, environment, variables, timeout } }),
  };
}

interface Printed {
  /** The proof file was written. */
  readonly changed: boolean;
  readonly all: readonly Migration[];
  readonly format: ProveVerbOptions["format"];
}

async function print(
  report: ProofReport,
  { changed, all, format }: Printed,
  { cwd, output }: Invocation,
): Promise<void> {
  const { migrations, untried, unfilled, data, server } = report;
  const documents = migrations.map(({ proof, ...rest }) => ({ ...rest, ...proof }));
  const ok = verdict(report) === EXIT.passed;
  const document = { ok, data, server, migrations: documents, untried, unfilled };
  const remarks = await remarksOf(report, all, cwd);
  const text = {
    pretty: () => proofText(report, output.paint),
    json: () => JSON.stringify(document, undefined, 2),
    sarif: () => JSON.stringify(proofSarif(remarks), undefined, 2),
    github: () => proofAnnotations(remarks),
  }[format];
  output.result(document, text);
  if (changed) output.note(`next: commit ${PROOF_FILE}`);
}

/** A fault is one, whatever else could not be told. */
function verdict({ migrations, untried }: ProofReport): ExitCode {
  if (migrations.some((one) => one.verdict === "failed")) return EXIT.failed;
  return untried.length > 0 || migrations.some((one) => one.verdict === "unknown")
    ? EXIT.unknown
    : EXIT.passed;
}

function collect(file: string, before: readonly string[] = []): readonly string[] {
  return [...before, file];
}

function count(text: string): number {
  const parsed = Number(text);
  if (/^[1-9]\d{0,6}$/.test(text)) return parsed;
  throw new InvalidArgumentError("It must be a whole number from 1 to 9999999.");
}

function duration(text: string): number {
  const parsed = milliseconds(text);
  if (parsed !== undefined && parsed > 0 && parsed <= 86_400_000) return parsed;
  throw new InvalidArgumentError('It must be a duration up to a day, such as "10m" or "30s".');
}
