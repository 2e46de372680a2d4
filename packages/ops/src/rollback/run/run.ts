import { SeakeepError } from "@seakeep/contract";
import type { Loss } from "../database/loss.ts";
import { isNothing } from "../look/loss.ts";
import { lossPhrase } from "../loss-text.ts";
import type { Step } from "../plan.ts";
import { shown } from "../words.ts";
import { drift, type Now } from "./drift.ts";
import type { Progress, RunState } from "./state.ts";

/** What a run touches, as arguments. */
export interface RunEdges {
  /** Writes the state; returns once it is on disk. */
  save(state: RunState): Promise<void>;
  /** The basis as it is now. */
  look(state: RunState): Promise<Now>;
  /** Whether a step is done already; `undefined`: that cannot be told. */
  isDone(state: RunState, step: Step, progress: Progress): Promise<boolean | undefined>;
  /** Number of the newest backup. */
  newestBackup(): Promise<number>;
  /** What the swap of this plan would lose, row by row, and the seconds since the backup. */
  loss(
    state: RunState,
  ): Promise<{ readonly loss: Loss; readonly seconds: number; readonly database: string }>;
  /** Runs a command; answers its exit code. */
  command(words: readonly string[], onStart: (group: number) => Promise<void>): Promise<number | null>;
  /** Waits for the command of a run that was killed. */
  settled(group: number): Promise<void>;
  /** Asks about a step. */
  confirm(state: RunState, index: number): Promise<"go" | "stop" | "abort">;
  /** Asks for the text that names a loss; answers what was given. */
  confirmLoss(phrase: string): Promise<string | undefined>;
  note(text: string): void;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}

/**
 * Steps whose own look at the world is check enough. Whether the app is well is seen in the end, for its database may be held
 * until then; and the checks of a restore count every row, which is done before the swap in any case, while writes wait.
 */
const ITS_OWN_CHECK: ReadonlySet<Step["kind"]> = new Set(["look", "app", "beside", "swap"]);

/** How a run ended. */
export interface RunResult {
  readonly state: RunState;
  /** `done`: every step. `failed`: a step did not do what it should. `stopped`: it was not confirmed; run it again. */
  readonly outcome: "done" | "failed" | "stopped" | "aborted";
  readonly problem?: string;
}

/**
 * Walks a plan from where it is. Before each step it looks whether the plan still holds and whether the step is done
 * already; what was begun and not finished is begun again. Killed at any moment, it can be run again.
 *
 * @throws {SeakeepError} `SK-ROLLBACK-003` when a loss is not confirmed, `-004` when the plan no longer holds.
 */
export async function walk(begun: RunState, edges: RunEdges): Promise<RunResult> {
  let state = begun;
  const save = async (next: RunState) => {
    state = next;
    await edges.save(next);
  };
  const mark = (index: number, progress: Progress) =>
    save({ ...state, progress: state.progress.map((old, at) => (at === index ? progress : old)) });
  await save(state);
  for (const [index, step] of state.steps.entries()) {
    const before = state.progress[index]!;
    if (before.state === "done") continue;
    edges.signal.throwIfAborted();
    if (before.group !== undefined) await edges.settled(before.group);
    const title = `step ${index + 1} of ${state.steps.length}: ${step.does}\n  $ ${shown(step.command)}`;
    edges.note(title);
    const changed = drift(state, index, await edges.look(state));
    if (changed.length > 0)
      throw new SeakeepError("SK-ROLLBACK-004", `Since the plan was made, ${changed.join("; ")}.`);
    const done = () => ({ state: "done", at: edges.now().toISOString() }) as const;
    if ((await edges.isDone(state, step, before)) === true) {
      edges.note("  done already");
      await mark(index, done());
      continue;
    }
    const answer = await edges.confirm(state, index);
    if (answer === "stop") return { state, outcome: "stopped" };
    if (answer === "abort") return abort(state, edges);
    if (step.loses) await save(await confirmLoss(state, edges));
    const sequence = step.kind === "copy" ? (before.sequence ?? (await edges.newestBackup())) : undefined;
    const started = {
      state: "started",
      at: edges.now().toISOString(),
      ...(sequence !== undefined && { sequence }),
    } as const;
    await mark(index, started);
    const code = await edges.command(step.command, (group) => mark(index, { ...started, group }));
    edges.signal.throwIfAborted();
    if (code !== 0) return failed(state, `it ended with ${code ?? "a signal"}`);
    if ((await edges.isDone(state, step, started)) === false)
      return failed(state, "it ended with 0, and did not do it");
    if (!ITS_OWN_CHECK.has(step.kind)) {
      const checked = await edges.command(step.check.command, async () => {});
      edges.signal.throwIfAborted();
      if (checked !== 0) return failed(state, `its check ended with ${checked ?? "a signal"}`);
    }
    await mark(index, done());
  }
  await save({ ...state, outcome: "done" });
  return { state, outcome: "done" };
}

/** Ends a run where it is. */
export async function abort(state: RunState, edges: Pick<RunEdges, "save">): Promise<RunResult> {
  const aborted: RunState = { ...state, outcome: "aborted" };
  await edges.save(aborted);
  return { state: aborted, outcome: "aborted" };
}

/** The way back of what was begun, the last step first. */
export function wayBack({ steps, progress }: RunState): readonly Step["back"][] {
  return steps.flatMap(({ back }, index) => (progress[index]!.state === "pending" ? [] : [back])).reverse();
}

function failed(state: RunState, problem: string): RunResult {
  return { state, outcome: "failed", problem };
}

async function confirmLoss(state: RunState, edges: RunEdges): Promise<RunState> {
  const { loss, seconds, database } = await edges.loss(state);
  if (isNothing(loss)) return state;
  // Writes are held since the first count: the time that is lost no longer grows.
  const lostSeconds = state.lostSeconds ?? seconds;
  const phrase = lossPhrase(loss, lostSeconds, database);
  await edges.save({ ...state, lostSeconds });
  for (const { schema, name, lost, values, back } of loss.tables) {
    const held = values > 0 ? `, ${values} with values in columns that it does not have` : "";
    edges.note(`  ${schema}.${name}: loses ${lost}${held}, gets back ${back}`);
  }
  const given = await edges.confirmLoss(phrase);
  if (given?.trim() === phrase) return { ...state, lostSeconds, lost: phrase };
  const fix = `If that is what you want, type exactly: ${phrase} (without a terminal: --accept-loss ${shown([phrase])})`;
  throw new SeakeepError("SK-ROLLBACK-003", "The loss was not confirmed.", { fix });
}
