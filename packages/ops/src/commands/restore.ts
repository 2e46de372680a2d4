import { milliseconds, SeakeepError } from "@seakeep/contract";
import { InvalidArgumentError, Option } from "commander";
import { checkNewName, isMarked, type RestoreResult } from "../backup/restore.ts";
import { shellWord } from "../backup/schedule/format.ts";
import { findDatabase, openMaintenance, quoted } from "../backup/server/maintenance.ts";
import { checkKeptName, swap as swapDatabases } from "../backup/server/swap.ts";
import { type SwapNames, swapNames } from "../backup/swap-names.ts";
import { EXIT, type ExitCode } from "../exit.ts";
import type { Connection } from "../postgres/connection.ts";
import { keepYoungGenerationSmall } from "../system/young-generation.ts";
import { examples, type Invocation, type Verb } from "../verb.ts";
import { defineRestoring, type RestoringOptions } from "./backup/restoring.ts";
import {
  chooseConnection,
  DATABASE_HELP,
  defineStore,
  readOps,
  type StoreVerbOptions,
} from "./backup/where.ts";
import { bytesText, countText } from "./backup/words.ts";
import { confirmSwap } from "./restore-guard.ts";
import { chooseSource, type RestoreSource } from "./restore-source.ts";

interface RestoreVerbOptions extends StoreVerbOptions, RestoringOptions {
  readonly into?: string;
  readonly server?: string;
  readonly swap?: boolean;
  readonly undo?: boolean;
  readonly confirm?: string;
  readonly drain: number;
}

/** `seakeep restore`: into a new database, validated, and only then in the place of the old one. */
export const restore: Verb<RestoreVerbOptions> = {
  define(command) {
    command.argument(
      "<id|file>",
      "id of a backup, a beginning of it, or latest; or the path of a file of pg_dump --format=custom",
    );
    defineStore(command);
    command
      .option("--into <name>", "the new database; it must not exist")
      .option(
        "--server <where>",
        DATABASE_HELP.replace("its URL", "the URL of the server, and of the database to swap"),
      )
      .option(
        "--swap",
        "then put it in the place of the database that the URL names, which is kept under another name",
      )
      .option("--undo", "take a swap with this backup back")
      .option(
        "--confirm <database@fingerprint>",
        "stands in for typing the database's name, where there is no terminal",
      )
      .addOption(
        new Option(
          "--drain <duration>",
          "time for statements under way to end before a swap ends their sessions",
        )
          .default(10_000, "10s")
          .argParser(duration),
      );
    defineRestoring(command, "the archive is unpacked: all of the dump but the rows of large tables");
    command.addHelpText(
      "after",
      `${examples([
        [
          "seakeep restore latest --into courses_restored",
          "A new database, compared with the backup table by table.",
        ],
        ["seakeep restore b000042 --swap", "The same, then in the place of the database of DATABASE_URL."],
        [
          "seakeep restore b000042 --swap --into courses_restored",
          "Swap in what was restored, and looked at, before.",
        ],
        ["seakeep restore b000042 --undo", "Back to the database that the swap kept."],
        [
          "seakeep restore ./courses.dump --into courses_restored",
          "A file that pg_dump made; no store needed.",
        ],
      ])}
Exit codes: 0 restored and equal to the backup, 1 damaged or not equal, 2 usage, 3 could not tell, 130 interrupted.
`,
    );
  },
  async run(options, invocation) {
    keepYoungGenerationSmall();
    checkUsage(options);
    const ops = await readOps(options, invocation);
    const connection = await chooseConnection(options.server, ops, invocation);
    // Before a dump of hours is read. With --swap it may be there: restored, and looked at, before.
    if (options.into !== undefined && !options.swap) await checkNewName(connection, options.into);
    const source = await chooseSource(options, ops, invocation);
    try {
      const run = { options, invocation, connection, source };
      if (options.undo) return await undo(run);
      if (source.problems.length > 0) return refuse(run);
      return options.swap ? await restoreAndSwap(run) : await restoreBeside(run, options.into!);
    } finally {
      invocation.output.status("");
      await source.close();
    }
  },
};

interface Run {
  readonly options: RestoreVerbOptions;
  readonly invocation: Invocation;
  readonly connection: Connection;
  readonly source: RestoreSource;
}

function checkUsage({ into, swap, undo }: RestoreVerbOptions): void {
  if (swap && undo) throw new SeakeepError("SK-BACKUP-007", "--swap and --undo contradict each other.");
  if (undo && into !== undefined)
    throw new SeakeepError("SK-BACKUP-007", "--undo makes no database, so --into has no meaning.");
  if (swap || undo || into !== undefined) return;
  throw new SeakeepError("SK-BACKUP-007", "Nothing says where to restore to.", {
    fix: "Name a new database with --into NAME, or replace the one of DATABASE_URL with --swap.",
  });
}

/** Damaged, as was known before anything was restored. */
function refuse({ source, invocation }: Run): ExitCode {
  const { title, problems, facts } = source;
  const document = { validated: false, tables: 0, rows: 0, seconds: 0, problems, ...facts };
  invocation.output.result(document, () => unsound(title, "nothing was restored", problems));
  return EXIT.failed;
}

async function restoreBeside(run: Run, into: string): Promise<ExitCode> {
  const result = await restoreInto(run, into);
  if (!result.validated) return failed(run, result);
  const { output } = run.invocation;
  output.result(document(run, result), () => text(run, result));
  for (const caveat of run.source.caveats) output.note(`note: ${caveat}`);
  const words = [run.source.title, "--swap", "--into", into].map(shellWord).join(" ");
  output.note(`next: seakeep restore ${words}, when it is to take over`);
  return EXIT.passed;
}

async function restoreAndSwap(run: Run): Promise<ExitCode> {
  const { options, invocation, connection, source } = run;
  const { output, signal } = invocation;
  const names = swapNames(connection.database, source);
  const incoming = options.into ?? names.incoming;
  if (incoming === names.name)
    throw new SeakeepError("SK-BACKUP-007", "--into is the very database to be replaced.");
  const ready = await lookBeforeSwap(connection, { ...names, incoming }, source);
  await confirmSwap({ ...run, confirm: options.confirm, incoming: source });
  if (ready)
    output.note(
      `note: "${incoming}" was restored from ${source.title} before, and is swapped in as it is now.`,
    );
  const result = ready ? undefined : await restoreInto(run, incoming);
  if (result !== undefined && !result.validated) return failed(run, result, { swapped: false });
  await swapDatabases(connection, { ...names, incoming, drain: options.drain, carry: true, signal });
  const { tables = source.tables, seconds = 0 } = result ?? {};
  return swapped(run, names, { validated: true, tables, seconds }, names.kept);
}

async function undo(run: Run): Promise<ExitCode> {
  const { options, invocation, connection, source } = run;
  const names = swapNames(connection.database, source);
  const session = await openMaintenance(connection);
  const kept = await findDatabase(session, names.kept).finally(() => session.close());
  if (kept === undefined)
    throw new SeakeepError("SK-RESTORE-002", `There is no database "${names.kept}" here.`);
  await confirmSwap({ ...run, confirm: options.confirm, incoming: undefined });
  const { signal } = invocation;
  const { name, kept: incoming, undone } = names;
  await swapDatabases(connection, {
    name,
    incoming,
    kept: undone,
    drain: options.drain,
    carry: false,
    signal,
  });
  return swapped(run, names, { undone: true }, undone);
}

function swapped({ invocation, source }: Run, { name }: SwapNames, facts: object, kept: string): ExitCode {
  const { output } = invocation;
  output.result(
    { database: name, ...facts, swapped: true, kept },
    () => `"${name}" was exchanged\n  the one before is kept as "${kept}"`,
  );
  for (const caveat of source.caveats) output.note(`note: ${caveat}`);
  output.note(`next: look at the service; when all is well for good: drop database ${quoted(kept)}`);
  return EXIT.passed;
}

/**
 * Before a dump of hours is read: may the swap be, and is what is to come in there already?
 *
 * @returns true when it was made from that very dump, and validated
 * @throws {SeakeepError} `SK-RESTORE-004`.
 */
async function lookBeforeSwap(
  connection: Connection,
  { incoming, kept }: SwapNames,
  { id }: RestoreSource,
): Promise<boolean> {
  const session = await openMaintenance(connection);
  try {
    await checkKeptName(session, kept);
    return isMarked((await findDatabase(session, incoming))?.comment, id);
  } finally {
    await session.close();
  }
}

async function restoreInto({ invocation, connection, source }: Run, into: string): Promise<RestoreResult> {
  const { output } = invocation;
  const result = await source.restore(connection, into);
  output.status("");
  if (result.missingRoles.length > 0) {
    output.note(`note: this server lacks roles of the backup: ${result.missingRoles.join(", ")}.`);
  }
  return result;
}

/** Not what was dumped. What was restored is kept for whoever wants to know why. */
function failed(run: Run, result: RestoreResult, facts: object = {}): ExitCode {
  const { output } = run.invocation;
  const { database, problems } = result;
  const where = database === undefined ? "nothing was restored" : `what was restored is in "${database}"`;
  output.result({ ...document(run, result), ...facts }, () => unsound(run.source.title, where, problems));
  if (database !== undefined) {
    output.note(`next: look into it, then: drop database ${quoted(database)}`);
  }
  return EXIT.failed;
}

function document({ source }: Run, result: RestoreResult): object {
  const { database, validated, tables, rows, seconds, problems } = result;
  return {
    ...(database !== undefined && { database }),
    ...{ validated, tables, rows, seconds, problems, ...source.facts },
  };
}

function text({ source }: Run, { database, tables, rows, seconds }: RestoreResult): string {
  const held = `${countText(tables, "table")}, ${countText(rows, "row")}`;
  return `✓ "${database}" is what ${source.title} holds\n  ${held}, ${bytesText(source.bytes)} read, ${seconds} s`;
}

function unsound(title: string, where: string, problems: readonly string[]): string {
  return [`✗ ${title} is not sound: ${where}`, ...problems.map((problem) => `  ${problem}`)].join("\n");
}

function duration(written: string): number {
  const parsed = milliseconds(written);
  if (parsed !== undefined && parsed <= 3_600_000) return parsed;
  throw new InvalidArgumentError('It must be a duration up to an hour, such as "10s".');
}
