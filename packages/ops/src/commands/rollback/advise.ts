import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { SeakeepError } from "@seakeep/contract";
import { type Command, InvalidArgumentError } from "commander";
import { EXIT, type ExitCode } from "../../exit.ts";
import { actor } from "../../release/actor.ts";
import type { Evidence } from "../../release/record/evidence.ts";
import { type Advice, advise as adviseOn } from "../../rollback/advice.ts";
import { adviceDocument, adviceText } from "../../rollback/advice-text.ts";
import { type Gathered, gather } from "../../rollback/gather.ts";
import { openCommands } from "../../rollback/run/command.ts";
import { basisOf, runEdges } from "../../rollback/run/edges.ts";
import { lockRun } from "../../rollback/run/lock.ts";
import { abort, type RunEdges, type RunResult, walk, wayBack } from "../../rollback/run/run.ts";
import { type RunState, readState, writeState } from "../../rollback/run/state.ts";
import type { Statements, Surroundings } from "../../rollback/settings.ts";
import { shown } from "../../rollback/words.ts";
import { type CommonVerbOptions, examples, type Invocation, type Verb } from "../../verb.ts";
import { account } from "../release/edges.ts";
import { type Recorded, record } from "../release/sealing.ts";
import { openRecords } from "../release/where.ts";
import { configOf, connectionOf } from "./where.ts";

interface AdviseVerbOptions extends CommonVerbOptions {
  readonly since?: Date;
  readonly deploy: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly fix?: string;
  readonly migratedAfter?: string;
  readonly harmed?: boolean;
  readonly healthy?: boolean;
  readonly dataDamaged?: boolean;
  readonly dataSound?: boolean;
  readonly backup?: string;
  readonly identity?: string;
  readonly run?: boolean;
  readonly confirm?: string;
  readonly acceptLoss?: string;
  readonly abort?: boolean;
  readonly state: string;
  readonly by?: string;
}

/** `seakeep rollback advise`: go back, go forward, or wait? And how, command by command. */
export const advise: Verb<AdviseVerbOptions> = {
  define(command) {
    defineStatements(command);
    command
      .option("--identity <file>", "private key for encrypted backups, passed on to what restores")
      .option(
        "--run",
        "walk the plan: each step is confirmed, checked, and noted; run it again to go on after a crash",
      )
      .option(
        "--confirm <fingerprint>",
        "of the plan: stands in for confirming each step, where there is no terminal",
      )
      .option("--accept-loss <text>", "stands in for typing what is lost; the message without it says which")
      .option("--abort", "with --run: end the run that is unfinished, and show its way back")
      .option(
        "--state <file>",
        "where a run notes its steps, from the folder of the configuration",
        ".seakeep/rollback.json",
      )
      .option("--by <name>", "who decides (default: the CI's user, else the account)")
      .addHelpText(
        "after",
        `${examples([
          ["seakeep rollback advise --since 2026-11-23T09:00:00Z --from v2 --to v1", "What to do about v2."],
          [
            "seakeep rollback advise --harmed --data-sound --since 14:05 --to v1",
            "You know how it is: say so.",
          ],
          ["seakeep rollback advise --since 14:05 --to v1 --run", "Walk the plan, step by step."],
          ["seakeep rollback advise --run", "Go on after a crash."],
          ["seakeep rollback advise --run --abort", "End it there, and see the way back."],
        ])}
Exit codes: 0 nothing to do (wait), or with --run all of it done; 1 something is to be done, or a step failed; 2 usage;
3 could not tell: it says which evidence is missing; 130 interrupted.
`,
      );
  },
  async run(options, invocation) {
    const around = await surroundings(options, invocation);
    if (!options.run) {
      if (options.abort) throw new SeakeepError("SK-ROLLBACK-002", "--abort ends a run: it goes with --run.");
      const { advice } = await gatherAdvice(options, around).finally(() => around.close());
      const { output } = invocation;
      output.result(adviceDocument(advice), () => adviceText(advice, output.paint));
      if (advice.steps.length > 0)
        output.note(
          `next: the same with --run, which walks the plan (--confirm=${advice.fingerprint} without a terminal)`,
        );
      return exitOf(advice);
    }
    return runPlan(options, invocation, around);
  },
};

function defineStatements(command: Command): void {
  command
    .option(
      "--since <time>",
      "when the deploy, or with --no-deploy the damage, began: RFC 3339, or the last HH:MM in UTC",
      time,
    )
    .option("--no-deploy", "there was no deploy before it")
    .option("--from <version>", "the version that runs")
    .option("--to <version>", "the version to go back to")
    .option("--fix <version>", "a version that mends it, for a plan that goes forward")
    .option("--migrated-after <name>", "the newest migration that the version to go back to knew, or none")
    .option("--harmed", "the service is harmed, whatever the signals say")
    .option("--healthy", "it is not")
    .option("--data-damaged", "data is damaged, whatever the expectations say")
    .option("--data-sound", "it is not")
    .option(
      "--backup <id>",
      "the backup to restore, or a beginning of its id (default: the newest sound one from before)",
    );
}

function statements(options: AdviseVerbOptions): Statements {
  if (options.harmed && options.healthy)
    throw new SeakeepError("SK-ROLLBACK-002", "--harmed and --healthy contradict each other.");
  if (options.dataDamaged && options.dataSound)
    throw new SeakeepError("SK-ROLLBACK-002", "--data-damaged and --data-sound contradict each other.");
  const { since, from, to, fix, migratedAfter, backup } = options;
  return {
    ...{ since, from, to, fix, migratedAfter, backup },
    noDeploy: !options.deploy,
    service: options.harmed ? "harmed" : options.healthy ? "healthy" : undefined,
    data: options.dataDamaged ? "damaged" : options.dataSound ? "sound" : undefined,
  };
}

type Found = Surroundings & {
  readonly close: () => void;
  readonly commands: ReturnType<typeof openCommands>;
};

async function surroundings(options: AdviseVerbOptions, invocation: Invocation): Promise<Found> {
  const { cwd, environment, signal } = invocation;
  const { ops, folder } = await configOf(options, invocation);
  const self = [process.execPath, fileURLToPath(new URL("../../../bin/seakeep.js", import.meta.url))];
  const commands = openCommands({ cwd, folder, environment, signal, self });
  return {
    ...{ ops, folder, environment, signal, commands },
    connection: await connectionOf(ops, invocation),
    now: () => new Date(),
    run: (command) => commands.run(command),
    close: () => commands.close(),
  };
}

async function gatherAdvice(
  options: AdviseVerbOptions,
  around: Surroundings,
): Promise<{ readonly gathered: Gathered; readonly advice: Advice }> {
  const said = statements(options);
  const gathered = await gather(around, said);
  const passedOn = {
    options: options.config === undefined ? [] : ["--config", options.config],
    identity: options.identity === undefined ? [] : ["--identity", options.identity],
  };
  return { gathered, advice: adviseOn(gathered, around, said, passedOn) };
}

function exitOf({ decision }: Advice): ExitCode {
  if (decision === "wait") return EXIT.passed;
  return decision === "find-out" ? EXIT.unknown : EXIT.failed;
}

async function runPlan(options: AdviseVerbOptions, invocation: Invocation, around: Found): Promise<ExitCode> {
  const { output } = invocation;
  const { ops, folder, connection, commands } = around;
  const file = resolve(folder, options.state);
  const unlock = connection && (await lockRun(connection, ops.service.name));
  try {
    const before = await readState(file, ops.service.name);
    const unfinished = before?.outcome === undefined ? before : undefined;
    const save = (state: RunState) => writeState(file, state);
    if (options.abort) {
      if (unfinished === undefined)
        throw new SeakeepError("SK-ROLLBACK-005", `${file} holds no unfinished run.`);
      return await report(await abort(unfinished, { save }), options, invocation, around);
    }
    if (unfinished !== undefined)
      output.note(`going on with the plan ${unfinished.fingerprint} of ${unfinished.startedAt}`);
    const begun = unfinished ?? (await begin(options, invocation, around));
    if (typeof begun === "number") return begun;
    checkConfirmed(begun, options, invocation);
    const edges: RunEdges = {
      ...runEdges(around, commands),
      ...confirming(options, invocation),
      save,
      note: (text) => output.note(text),
      now: () => new Date(),
      signal: invocation.signal,
    };
    return await report(await walk(begun, edges), options, invocation, around);
  } finally {
    around.close();
    await unlock?.();
  }
}

/** The state of a new run; an exit code when there is nothing to run. */
async function begin(
  options: AdviseVerbOptions,
  { output }: Invocation,
  around: Found,
): Promise<RunState | ExitCode> {
  const { gathered, advice } = await gatherAdvice(options, around);
  const { decision, because, fingerprint, steps } = advice;
  if (steps.length === 0) {
    output.result({ ...adviceDocument(advice), outcome: "nothing to run" }, () =>
      adviceText(advice, output.paint),
    );
    return exitOf(advice);
  }
  output.note(adviceText(advice, output.paintNote));
  const to = steps.some(({ kind }) => kind === "app")
    ? decision === "roll-forward"
      ? options.fix
      : gathered.previous
    : undefined;
  return {
    format: 1,
    service: around.ops.service.name,
    ...{ decision, because, fingerprint, steps },
    ...(to !== undefined && { to }),
    startedAt: new Date().toISOString(),
    basis: basisOf(gathered, decision === "restore-database"),
    progress: steps.map(() => ({ state: "pending" })),
  };
}

function checkConfirmed(
  { fingerprint }: RunState,
  { confirm }: AdviseVerbOptions,
  { ask }: Invocation,
): void {
  if (confirm === fingerprint || (confirm === undefined && ask !== undefined)) return;
  const fix = `If that is what you want: --run --confirm=${fingerprint}`;
  const what = confirm === undefined ? "There is no terminal to ask at." : "--confirm is for another plan.";
  throw new SeakeepError("SK-ROLLBACK-003", what, { fix });
}

function confirming(
  { confirm, acceptLoss }: AdviseVerbOptions,
  { ask, signal }: Invocation,
): Pick<RunEdges, "confirm" | "confirmLoss"> {
  return {
    async confirm() {
      if (confirm !== undefined || ask === undefined) return "go";
      for (;;) {
        const typed = (await ask("  Do it? (yes, stop here, abort and show the way back): ", signal))
          .trim()
          .toLowerCase();
        if (["y", "yes"].includes(typed)) return "go";
        if (["s", "stop"].includes(typed)) return "stop";
        if (["a", "abort"].includes(typed)) return "abort";
      }
    },
    async confirmLoss(phrase) {
      if (acceptLoss !== undefined || ask === undefined) return acceptLoss;
      return ask(`  This loses data for good. To go on type exactly: ${phrase}\n  > `, signal);
    },
  };
}

/** Prints how a run ended, and records it where there is a store. */
async function report(
  result: RunResult,
  options: AdviseVerbOptions,
  invocation: Invocation,
  around: Surroundings,
): Promise<ExitCode> {
  const { output } = invocation;
  const { state, outcome, problem } = result;
  const back = outcome === "done" ? [] : wayBack(state);
  const steps = state.steps.map(({ does, command }, index) => ({
    ...{ does, command, shown: shown(command), state: state.progress[index]!.state },
  }));
  const { service, decision, because, fingerprint, startedAt, to, lost } = state;
  const done = {
    kind: "rollback run",
    service: { name: service },
    ...(to !== undefined && { version: to }),
    ...{ decision, because, fingerprint, startedAt, outcome, problem, lost, steps, wayBack: back },
  } as const;
  const recorded = await recordRun(done, options, invocation, around);
  output.result(
    { ...done, ...(recorded && { record: recorded }) },
    () => `${decision} (${fingerprint}): ${outcome}${problem === undefined ? "" : `: ${problem}`}`,
  );
  if (back.length > 0) {
    output.note("the way back, in this order:");
    for (const { command, does } of back)
      output.note(command === undefined ? `  # ${does}` : `  ${shown(command)}`);
  }
  if (outcome === "failed" || outcome === "stopped")
    output.note("next: the same again goes on here; --run --abort ends it");
  return outcome === "done" ? EXIT.passed : EXIT.failed;
}

/** What was done is done, recorded or not. */
async function recordRun(
  evidence: Evidence,
  { by }: AdviseVerbOptions,
  invocation: Invocation,
  { ops }: Surroundings,
): Promise<Recorded | undefined> {
  const { cwd, environment, output } = invocation;
  try {
    const store = await openRecords({}, ops, cwd, true);
    if (store === undefined) return undefined;
    const whom = actor(by, environment, account);
    const given = { service: ops.service.name, evidence, by: whom, ops };
    return await record(store, given, invocation).finally(() => store.close());
  } catch (error) {
    output.note(`warning: the run could not be recorded: ${(error as Error).message}`);
    return undefined;
  }
}

function time(written: string): Date {
  const parsed = /^([01]?\d|2[0-3]):[0-5]\d$/.test(written)
    ? lastTime(written, new Date())
    : instant(written);
  if (parsed !== undefined) return parsed;
  throw new InvalidArgumentError('It must be a time such as "2026-11-23T14:05:00Z", or "14:05" in UTC.');
}

/** The last time that it was so late: an hour that is still to come was yesterday's. */
function lastTime(written: string, now: Date): Date {
  const today = new Date(`${now.toISOString().slice(0, 11)}${written.padStart(5, "0")}:00Z`);
  return today > now ? new Date(today.getTime() - 86_400_000) : today;
}

function instant(written: string): Date | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(written)) return undefined;
  const parsed = new Date(written);
  return Number.isNaN(parsed.getTime()) ? undefined : parsed;
}
