import { resolve } from "node:path";
import { SeakeepError } from "@seakeep/contract";
import { EXIT, type ExitCode } from "../../exit.ts";
import { actor } from "../../release/actor.ts";
import type { Evidence } from "../../release/record/evidence.ts";
import { adviceDocument, adviceText } from "../../rollback/advice-text.ts";
import { basisOf, runEdges } from "../../rollback/run/edges.ts";
import { lockRun } from "../../rollback/run/lock.ts";
import { abort, type RunEdges, type RunResult, walk, wayBack } from "../../rollback/run/run.ts";
import { type RunState, readState, writeState } from "../../rollback/run/state.ts";
import { told } from "../../rollback/settings.ts";
import { shown } from "../../rollback/words.ts";
import type { Invocation } from "../../verb.ts";
import { account } from "../release/edges.ts";
import { type Recorded, record } from "../release/sealing.ts";
import { openRecords } from "../release/where.ts";
import { statements } from "./statements.ts";
import { type AdviseVerbOptions, type Around, exitOf, gatherAdvice } from "./surroundings.ts";

/** `--run`: walks a plan, a new one or the one that is unfinished, and says how that ended. */
export async function runPlan(
  options: AdviseVerbOptions,
  invocation: Invocation,
  around: Around,
): Promise<ExitCode> {
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
    if (unfinished !== undefined) {
      checkSame(unfinished, told(statements(options)));
      output.note(`going on with the plan ${unfinished.fingerprint} of ${unfinished.startedAt}`);
    }
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
  around: Around,
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
    said: told(statements(options)),
    basis: basisOf(gathered, decision === "restore-database"),
    progress: steps.map(() => ({ state: "pending" })),
  };
}

/**
 * Whoever asks about tonight must not be led through the rest of a plan that somebody left last week.
 *
 * @throws {SeakeepError} `SK-ROLLBACK-008`.
 */
function checkSame({ fingerprint, startedAt, said }: RunState, now: Readonly<Record<string, string>>): void {
  const other = Object.keys(now).find((name) => now[name] !== said[name]);
  if (other === undefined) return;
  throw new SeakeepError(
    "SK-ROLLBACK-008",
    `The plan ${fingerprint} of ${startedAt} is unfinished, and was asked for with ${
      said[other] === undefined ? "nothing said" : JSON.stringify(said[other])
    } where this says ${JSON.stringify(now[other])}.`,
  );
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
  around: Around,
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
  { ops }: Around,
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
