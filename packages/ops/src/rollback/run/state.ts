import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { SeakeepError } from "@seakeep/contract";
import * as v from "valibot";
import type { Decision } from "../matrix.ts";
import type { Step } from "../plan.ts";

/** What the steps of a plan rest on. When it changes by anything but the plan itself, the plan is void. */
export interface Basis {
  readonly database?: {
    readonly name: string;
    readonly system: string;
    readonly applied?: readonly string[];
  };
  readonly backup?: {
    readonly id: string;
    readonly checksum: string;
    readonly into: string;
    readonly snapshotAt: string;
  };
}

/** How far a step is. `started` is written before its command runs, `done` after its check. */
export interface Progress {
  readonly state: "pending" | "started" | "done";
  /** Process group of its command, while it was running. */
  readonly group?: number;
  /** Number of the newest backup before it was first started. */
  readonly sequence?: number;
  /** RFC 3339. */
  readonly at?: string;
}

/** A run of a plan, as it stands on disk. It holds no secret: commands never do. */
export interface RunState {
  readonly format: 1;
  readonly service: string;
  readonly decision: Decision;
  readonly because: string;
  readonly fingerprint: string;
  /** The version that runs when it is done. */
  readonly to?: string;
  /** RFC 3339. */
  readonly startedAt: string;
  /** What the operator said when it was asked for, by name: see `told`. */
  readonly said: Readonly<Record<string, string>>;
  readonly basis: Basis;
  readonly steps: readonly Step[];
  readonly progress: readonly Progress[];
  /** Seconds of writes that are lost, once they were held and counted. */
  readonly lostSeconds?: number;
  /** What was confirmed to be lost. */
  readonly lost?: string;
  readonly outcome?: "done" | "aborted";
}

const command = v.array(v.string());

const SCHEMA = v.object({
  format: v.literal(1),
  service: v.string(),
  decision: v.string(),
  because: v.string(),
  fingerprint: v.string(),
  to: v.exactOptional(v.string()),
  startedAt: v.string(),
  said: v.record(v.string(), v.string()),
  basis: v.object({
    database: v.exactOptional(
      v.object({ name: v.string(), system: v.string(), applied: v.exactOptional(v.array(v.string())) }),
    ),
    backup: v.exactOptional(
      v.object({ id: v.string(), checksum: v.string(), into: v.string(), snapshotAt: v.string() }),
    ),
  }),
  steps: v.pipe(
    v.array(
      v.object({
        kind: v.picklist(["hold", "copy", "beside", "swap", "revert", "app", "release", "look"]),
        migration: v.exactOptional(v.string()),
        does: v.string(),
        command,
        check: v.object({ command, see: v.string() }),
        back: v.object({ command: v.exactOptional(command), does: v.string() }),
        loses: v.exactOptional(v.literal(true)),
      }),
    ),
    v.minLength(1),
  ),
  progress: v.array(
    v.object({
      state: v.picklist(["pending", "started", "done"]),
      group: v.exactOptional(v.number()),
      sequence: v.exactOptional(v.number()),
      at: v.exactOptional(v.string()),
    }),
  ),
  lostSeconds: v.exactOptional(v.number()),
  lost: v.exactOptional(v.string()),
  outcome: v.exactOptional(v.picklist(["done", "aborted"])),
});

/**
 * Reads the state of a run; `undefined` when there is none.
 *
 * @throws {SeakeepError} `SK-ROLLBACK-005` when it is none, or that of another service.
 */
export async function readState(file: string, service: string): Promise<RunState | undefined> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new SeakeepError("SK-ROLLBACK-005", `${file} cannot be read.`, { cause });
  }
  const state = parseState(text);
  if (state === undefined) throw new SeakeepError("SK-ROLLBACK-005", `${file} is not the state of a run.`);
  if (state.service === service) return state;
  throw new SeakeepError(
    "SK-ROLLBACK-005",
    `${file} is of a run for ${JSON.stringify(state.service.slice(0, 80))}.`,
  );
}

function parseState(text: string): RunState | undefined {
  try {
    const { success, output } = v.safeParse(SCHEMA, JSON.parse(text));
    return success && output.progress.length === output.steps.length ? (output as RunState) : undefined;
  } catch {
    return undefined;
  }
}

/** Writes it whole: after a crash at any moment the file is the old one or the new one, and it is on disk. */
export async function writeState(file: string, state: RunState): Promise<void> {
  const folder = dirname(file);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const temporary = `${file}.tmp`;
  const handle = await open(temporary, "w", 0o600);
  try {
    await handle.chmod(0o600);
    await handle.writeFile(`${JSON.stringify(state, undefined, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
  const parent = await open(folder, "r");
  await parent.sync().finally(() => parent.close());
}
