import { NAMES, SeakeepError } from "@seakeep/contract";
import { type BackupEntry, readCatalog } from "../backup/catalog.ts";
import type { BootResult } from "../backup/drill/boot.ts";
import { type Drilled, drill as drillBackup } from "../backup/drill/drill.ts";
import { objective } from "../backup/drill/markdown.ts";
import type { DrillReport } from "../backup/drill/report.ts";
import { type DrillServer, declaredServer, systemOf } from "../backup/drill/server.ts";
import { serviceFolder } from "../backup/layout.ts";
import type { Store } from "../backup/stores/store.ts";
import { type LoadedConfig, loadConfigIfThere } from "../config/load.ts";
import type { Ops } from "../config/ops.ts";
import { EXIT } from "../exit.ts";
import type { Paint } from "../print.ts";
import { keepYoungGenerationSmall } from "../system/young-generation.ts";
import { examples, type Invocation, type Verb } from "../verb.ts";
import { defineRestoring, type RestoringOptions, restoringWith, workFolderOf } from "./backup/restoring.ts";
import { inWorkFolder } from "./backup/trial.ts";
import {
  chooseBackup,
  chooseConnection,
  chooseFolder,
  chooseStore,
  defineStore,
  type StoreVerbOptions,
} from "./backup/where.ts";
import { countText } from "./backup/words.ts";
import { prepareBoot } from "./drill-boot.ts";

interface DrillVerbOptions extends StoreVerbOptions, RestoringOptions {
  readonly id?: string;
  readonly each?: boolean;
  readonly serverFromEnv?: string;
}

/** `seakeep drill`: a backup counts when it was restored, and what came out is what its owner expects. */
export const drill: Verb<DrillVerbOptions> = {
  define(command) {
    defineStore(command);
    command
      .option("--id <id>", "of the backup, a beginning of it, or latest (default: the newest)")
      .option("--each", "every backup in turn, the newest last")
      .option(
        "--server-from-env <name>",
        "drill on the server whose URL this variable holds (default: a scratch server, started for the drill)",
      );
    defineRestoring(command, "dump and scratch server live; it needs room for both");
    command.addHelpText(
      "after",
      `${examples([
        ["seakeep drill", "Restore the newest backup, and hold it to the expectations of seakeep.config.ts."],
        ["seakeep drill --store file:///backups --service courses", "No configuration needed."],
        ["seakeep drill --each --json", "All of them: an array, one result each."],
        [
          "seakeep drill --server-from-env STAGING_URL",
          "On a server of yours; refused when it is the source.",
        ],
      ])}
Exit codes: 0 proven, 1 damaged, not as expected or too slow, 2 usage, 3 could not tell, 130 interrupted.
`,
    );
  },
  async run(options, invocation) {
    keepYoungGenerationSmall();
    if (options.id !== undefined && options.each) {
      throw new SeakeepError("SK-BACKUP-007", "--id and --each contradict each other.");
    }
    const { output } = invocation;
    const { cwd, environment } = invocation;
    const loaded = await loadConfigIfThere({ file: options.config, cwd, environment });
    const ops = loaded?.ops;
    const store = await chooseStore(options, ops);
    try {
      const { chosen, newest } = await choose(store, options, ops, invocation.signal);
      const drilled: Drilled[] = [];
      for (const entry of chosen) {
        drilled.push(await run({ options, invocation, loaded, store }, entry, entry.id === newest));
      }
      const reports = drilled.map(({ report }) => report);
      const documents = drilled.map(document);
      output.result(options.each ? documents : documents[0], () =>
        reports.map((report) => text(report, output.paint)).join("\n"),
      );
      for (const problem of drilled.at(-1)?.chainProblems ?? []) {
        output.note(`warning: the chain of drill reports is broken: ${problem}`);
      }
      const passed = reports.every((report) => report.passed);
      if (!passed) output.note("next: seakeep backup list, and drill an older one with --id");
      return passed ? EXIT.passed : EXIT.failed;
    } finally {
      output.status("");
      await store.close();
    }
  },
};

/** The newest is drilled also when it is known to be damaged: that it is there and no good is the news. */
async function choose(
  store: Store,
  options: DrillVerbOptions,
  ops: Ops | undefined,
  signal: AbortSignal,
): Promise<{ readonly chosen: readonly BackupEntry[]; readonly newest: string | undefined }> {
  const folder = chooseFolder(options, ops);
  if (options.id !== undefined) {
    const entry = await chooseBackup(store, folder, options.id, signal);
    const { backups } = await readCatalog(store, entry.folder, signal);
    return { chosen: [entry], newest: backups.at(-1)?.id };
  }
  const { backups } = await readCatalog(store, folder, signal);
  const folders = new Set(backups.map((entry) => entry.folder));
  if (folders.size > 1) {
    const what = `The store has backups of ${[...folders].join(", ")}.`;
    throw new SeakeepError("SK-BACKUP-007", what, { fix: "Say whose to drill with --service." });
  }
  const last = backups.at(-1);
  if (last === undefined) throw new SeakeepError("SK-BACKUP-006", `${store.url} holds no backup to drill.`);
  return { chosen: options.each ? backups : [last], newest: last.id };
}

interface Run {
  readonly options: DrillVerbOptions;
  readonly invocation: Invocation;
  readonly loaded: LoadedConfig | undefined;
  readonly store: Store;
}

async function run({ options, invocation, loaded, store }: Run, entry: BackupEntry, newest: boolean) {
  const ops = loaded?.ops;
  const restoring = await restoringWith(options, invocation);
  const place = {
    ...{ store, entry, workFolder: workFolderOf(options, invocation) },
    declared:
      options.serverFromEnv === undefined ? undefined : () => declared(entry, options, ops, invocation),
  };
  // What the configuration promises and expects is of its own service, whatever else the store holds.
  const own = ops !== undefined && serviceFolder(ops.service.name) === entry.folder ? ops : undefined;
  // An older backup may be of an older schema than the service as it is now.
  const boot = own && loaded && newest ? await prepareBoot(loaded, invocation) : undefined;
  return await inWorkFolder(place, invocation, (parts, folder) =>
    drillBackup(parts, entry, {
      ...restoring(entry.bytes),
      boot: boot && ((database) => boot(folder, database)),
      workFolder: folder.path,
      service: entry.manifest?.service ?? entry.folder,
      recovery: own?.service.recovery,
      expectations: own?.drill.expect ?? [],
      newest,
    }),
  );
}

async function declared(
  { manifest }: BackupEntry,
  { serverFromEnv }: DrillVerbOptions,
  ops: Ops | undefined,
  invocation: Invocation,
): Promise<DrillServer> {
  const connection = await chooseConnection(serverFromEnv, ops, invocation);
  const sources = [...(manifest ? [manifest.database.system] : []), ...(await configured(ops, invocation))];
  return await declaredServer(connection, sources);
}

/** The database of the configuration, where one is named, may have moved since the backup. */
async function configured(ops: Ops | undefined, invocation: Invocation): Promise<string[]> {
  const named = ops?.database?.name ?? NAMES.environment.databaseUrl;
  const { environment } = invocation;
  if (!environment[named] && !environment[`${named}_FILE`]) return [];
  const source = await chooseConnection(undefined, ops, invocation);
  // A source that is down is no reason not to drill, and the very moment for it.
  return await systemOf(source).then(
    (system) => [system],
    () => [],
  );
}

/** One drill, for machines. */
function document({ report, chainProblems }: Drilled): object {
  const { id, passed, validated, problems, rto, rpo, expectations, boot, tables, rows, number } = report;
  return {
    ...{ id, passed },
    rtoSeconds: rto.seconds ?? null,
    rpoSeconds: rpo.seconds ?? null,
    expectations,
    ...(boot && { boot }),
    ...{ validated, problems, rto, rpo, tables, rows, report: number, chainProblems },
  };
}

function text(report: DrillReport, paint: Paint): string {
  const { id, passed, validated, problems, expectations, boot, tables, rows, rto, rpo } = report;
  const mark = (good: boolean) => (good ? paint("green", "✓") : paint("red", "✗"));
  const held = `${countText(tables, "table")}, ${countText(rows, "row")}`;
  return [
    `${mark(passed)} ${id} ${passed ? "passed" : "did not pass"} its drill`,
    `  ${mark(validated)} ${validated ? `restored and equal to the backup: ${held}` : "not restored to what was backed up"}`,
    ...problems.map((problem) => `      ${problem}`),
    ...expectations.map(
      ({ name, passed: holds, problem }) => `  ${mark(holds)} ${name}${problem ? `: ${problem}` : ""}`,
    ),
    ...(boot ? bootLines(boot, mark) : []),
    `  RTO ${objective(rto)}`,
    `  RPO ${objective(rpo)}`,
  ].join("\n");
}

function bootLines(
  { passed, seconds, problem, checks }: BootResult,
  mark: (good: boolean) => string,
): string[] {
  const ready =
    seconds === undefined ? "the service did not become ready" : `the service was ready in ${seconds} s`;
  return [
    `  ${mark(passed)} ${ready}${problem ? `: ${problem}` : ""}`,
    ...checks.map(
      ({ name, verdict, reason }) => `      ${mark(verdict === "passed")} ${name}: ${verdict}. ${reason}`,
    ),
  ];
}
