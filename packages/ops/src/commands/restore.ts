import { tmpdir } from "node:os";
import { resolve } from "node:path";
import { milliseconds, SeakeepError } from "@seakeep/contract";
import { InvalidArgumentError, Option } from "commander";
import type { BackupEntry } from "../backup/catalog.ts";
import { pgDump } from "../backup/engines/pg-dump/index.ts";
import { isMarked, type RestoreResult, restore as restoreBackup } from "../backup/restore.ts";
import { findDatabase, openMaintenance } from "../backup/server/maintenance.ts";
import { swap as swapDatabases } from "../backup/server/swap.ts";
import type { Store } from "../backup/stores/store.ts";
import { type SwapNames, swapNames } from "../backup/swap-names.ts";
import { EXIT, type ExitCode } from "../exit.ts";
import type { Connection } from "../postgres/connection.ts";
import { examples, type Invocation, type Verb } from "../verb.ts";
import { version } from "../version.ts";
import { createMeter } from "./backup/meter.ts";
import {
  chooseBackup,
  chooseConnection,
  chooseFolder,
  chooseStore,
  DATABASE_HELP,
  defineStore,
  IDENTITY_HELP,
  readIdentities,
  readOps,
  type StoreVerbOptions,
} from "./backup/where.ts";
import { bytesText, countText } from "./backup/words.ts";
import { confirmSwap } from "./restore-guard.ts";

interface RestoreVerbOptions extends StoreVerbOptions {
  readonly into?: string;
  readonly server?: string;
  readonly swap?: boolean;
  readonly undo?: boolean;
  readonly confirm?: string;
  readonly drain: number;
  readonly identity?: string;
  readonly jobs?: number;
  readonly workDir: string;
}

/** `seakeep restore`: into a new database, validated, and only then in the place of the old one. */
export const restore: Verb<RestoreVerbOptions> = {
  define(command) {
    command.argument("<id>", "of the backup, a beginning of it, or latest");
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
      )
      .option("--identity <file>", IDENTITY_HELP)
      .option("--jobs <count>", "parallel workers (default: the processors, at most 8)", count)
      .option("--work-dir <folder>", "where the dump is unpacked; it needs room for all of it", tmpdir())
      .addHelpText(
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
        ])}
Exit codes: 0 restored and equal to the backup, 1 damaged or not equal, 2 usage, 3 could not tell, 130 interrupted.
`,
      );
  },
  async run(options, invocation) {
    checkUsage(options);
    const ops = await readOps(options, invocation);
    const connection = await chooseConnection(options.server, ops, invocation);
    const store = await chooseStore(options, ops);
    try {
      const folder = chooseFolder(options, ops);
      const entry = await chooseBackup(store, folder, options.operands[0]!, invocation.signal);
      const run = { options, invocation, connection, store, entry };
      if (options.undo) return await undo(run);
      return options.swap ? await restoreAndSwap(run) : await restoreBeside(run, options.into!);
    } finally {
      invocation.output.status("");
      await store.close();
    }
  },
};

interface Run {
  readonly options: RestoreVerbOptions;
  readonly invocation: Invocation;
  readonly connection: Connection;
  readonly store: Store;
  readonly entry: BackupEntry;
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

async function restoreBeside(run: Run, into: string): Promise<ExitCode> {
  const result = await restoreInto(run, into);
  const { output } = run.invocation;
  output.result(document(result), () => text(result, run.entry));
  if (result.validated)
    output.note(`next: seakeep restore ${run.entry.id} --swap --into ${into}, when it is to take over`);
  return result.validated ? EXIT.passed : EXIT.failed;
}

async function restoreAndSwap(run: Run): Promise<ExitCode> {
  const { options, invocation, connection, entry } = run;
  const { output, signal } = invocation;
  const names = swapNames(connection.database, entry);
  const incoming = options.into ?? names.incoming;
  if (incoming === names.name)
    throw new SeakeepError("SK-BACKUP-007", "--into is the very database to be replaced.");
  await confirmSwap({ ...run, confirm: options.confirm, since: entry.manifest?.snapshotAt });
  const ready = await isRestored(connection, incoming, entry);
  if (ready)
    output.note(`note: "${incoming}" was restored from ${entry.id} before, and is swapped in as it is now.`);
  const result = ready ? undefined : await restoreInto(run, incoming);
  if (result !== undefined && !result.validated) {
    output.result({ ...document(result), swapped: false }, () => text(result, entry));
    return EXIT.failed;
  }
  await swapDatabases(connection, { ...names, incoming, drain: options.drain, carry: true, signal });
  const { tables = entry.manifest?.contents.tables.length ?? 0, seconds = 0 } = result ?? {};
  return swapped(run, names, { validated: true, tables, seconds }, names.kept);
}

async function undo(run: Run): Promise<ExitCode> {
  const { options, invocation, connection, entry } = run;
  const names = swapNames(connection.database, entry);
  const session = await openMaintenance(connection);
  const kept = await findDatabase(session, names.kept).finally(() => session.close());
  if (kept === undefined)
    throw new SeakeepError("SK-RESTORE-002", `There is no database "${names.kept}" here.`);
  await confirmSwap({ ...run, confirm: options.confirm, since: undefined });
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

function swapped({ invocation }: Run, { name }: SwapNames, facts: object, kept: string): ExitCode {
  const { output } = invocation;
  output.result(
    { database: name, ...facts, swapped: true, kept },
    () => `"${name}" was exchanged\n  the one before is kept as "${kept}"`,
  );
  output.note(`next: look at the service; when all is well for good: drop database "${kept}"`);
  return EXIT.passed;
}

/** True when the database was made from that very backup, and validated. */
async function isRestored(connection: Connection, name: string, { id }: BackupEntry): Promise<boolean> {
  const session = await openMaintenance(connection);
  try {
    return isMarked((await findDatabase(session, name))?.comment, id);
  } finally {
    await session.close();
  }
}

async function restoreInto(run: Run, into: string): Promise<RestoreResult> {
  const { options, invocation, connection, store, entry } = run;
  const { output, signal } = invocation;
  const clock = () => performance.now();
  const meter = createMeter(output, clock);
  const expected = entry.manifest?.files.reduce((sum, { bytes }) => sum + bytes, 0) ?? 0;
  let read = 0;
  const result = await restoreBackup({ store, engine: pgDump, tool: `seakeep ${version()}`, clock }, entry, {
    ...{ connection, into, jobs: options.jobs, signal },
    identities: await readIdentities(options.identity, invocation),
    workFolder: resolve(invocation.cwd, options.workDir),
    onBytes: (bytes) => {
      read += bytes;
      meter("fetching", read, expected);
    },
    onStep: (step) =>
      output.status(step === "fetch" ? "fetching" : step === "restore" ? "restoring" : "comparing"),
    onWarning: (warning) => output.note(`warning: ${warning}`),
  });
  output.status("");
  if (result.missingRoles.length > 0) {
    output.note(`note: this server lacks roles of the backup: ${result.missingRoles.join(", ")}.`);
  }
  return result;
}

function document({ database, validated, tables, rows, seconds, problems }: RestoreResult): object {
  return { ...(database !== undefined && { database }), validated, tables, rows, seconds, problems };
}

function text(
  { database, validated, tables, rows, seconds, problems }: RestoreResult,
  { id, bytes }: BackupEntry,
): string {
  if (validated) {
    const held = `${countText(tables, "table")}, ${countText(rows, "row")}`;
    return `✓ "${database}" is what ${id} holds\n  ${held}, ${bytesText(bytes)} fetched, ${seconds} s`;
  }
  const where = database === undefined ? "nothing was restored" : `what was restored is in "${database}"`;
  return [`✗ ${id} is not sound: ${where}`, ...problems.map((problem) => `  ${problem}`)].join("\n");
}

function duration(written: string): number {
  const parsed = milliseconds(written);
  if (parsed !== undefined && parsed <= 3_600_000) return parsed;
  throw new InvalidArgumentError('It must be a duration up to an hour, such as "10s".');
}

function count(written: string): number {
  if (/^[1-9]\d?$/.test(written)) return Number(written);
  throw new InvalidArgumentError("It must be a whole number from 1 to 99.");
}
