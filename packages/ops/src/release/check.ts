import { formatDuration } from "@seakeep/contract";
import type { Ops } from "../config/ops.ts";
import type { Actor } from "./actor.ts";
import { decide, type Exceptions, exceptionFor, type GateResult } from "./decision.ts";
import type { Facts } from "./gates/facts.ts";
import { type Gate, type GateVerdict, unknown } from "./gates/gate.ts";

/** What `seakeep release check` decided, and on what. */
export interface ReleaseCheck {
  readonly kind: "release check";
  readonly format: 1;
  readonly service: { readonly name: string; readonly declaration: string };
  /** The release, as it was named or as the tree says; null: unknown. */
  readonly version: string | null;
  readonly commit: string | null;
  /** RFC 3339. */
  readonly at: string;
  readonly tool: string;
  readonly by: Actor;
  readonly verdict: GateVerdict["verdict"];
  readonly gates: readonly GateResult[];
}

/** How gates are run. */
export interface CheckOptions {
  readonly version?: string;
  readonly exceptions: Exceptions;
  /** Time that each gate has, milliseconds. */
  readonly timeoutMs: number;
  readonly tool: string;
  readonly signal: AbortSignal;
}

/** The clocks. */
export interface CheckClock {
  readonly date: () => Date;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
}

/** Runs every gate at once, each within its time. Whatever a gate comes to is one result: none of them ends the others. */
export async function checkRelease(
  gates: readonly Gate[],
  { ops, facts }: { readonly ops: Ops; readonly facts: Facts },
  options: CheckOptions,
  clock: CheckClock,
): Promise<ReleaseCheck> {
  const { version, exceptions, signal } = options;
  const at = clock.date().toISOString();
  const results = await Promise.all(
    gates.map(async (gate): Promise<GateResult> => {
      const began = clock.now();
      const verdict = harmless(await judged(gate, { ops, facts }, options, clock));
      const exception = exceptionFor(gate.name, verdict, exceptions);
      const durationMs = Math.round(clock.now() - began);
      return { name: gate.name, title: gate.title, ...verdict, durationMs, ...(exception && { exception }) };
    }),
  );
  signal.throwIfAborted();
  const { version: named, commit } = (results.find(({ name }) => name === "tree")?.evidence ?? {}) as Partial<
    Record<"version" | "commit", string>
  >;
  return {
    ...{ kind: "release check", format: 1 },
    service: { name: ops.service.name, declaration: ops.service.hash },
    ...{ version: version ?? named ?? null, commit: commit ?? null, at },
    ...{ tool: options.tool, by: exceptions.by },
    ...{ verdict: decide(results), gates: results },
  };
}

async function judged(
  gate: Gate,
  { ops, facts }: { readonly ops: Ops; readonly facts: Facts },
  { version, timeoutMs, signal: interruption }: CheckOptions,
  clock: CheckClock,
): Promise<GateVerdict> {
  const limit = new AbortController();
  const signal = AbortSignal.any([interruption, limit.signal]);
  let timer: NodeJS.Timeout | undefined;
  const overrun = new Promise<GateVerdict>((resolve) => {
    timer = setTimeout(() => {
      limit.abort(new DOMException("The time is up.", "TimeoutError"));
      const reason = `It had not finished after ${formatDuration(timeoutMs)}.`;
      resolve(unknown(reason, "Find out what does not answer, or allow more time with --timeout."));
    }, timeoutMs);
  });
  const context = { ops, facts, signal, now: clock.date, ...(version !== undefined && { version }) };
  try {
    return await Promise.race([gate.run(context), overrun]);
  } catch (error) {
    interruption.throwIfAborted();
    return unseen(error, gate);
  } finally {
    clearTimeout(timer);
  }
}

/** What could not be reached or read says nothing of the release. */
function unseen(error: unknown, { command }: Gate): GateVerdict {
  const { code, what, fix } = error as {
    readonly code?: string;
    readonly what?: string;
    readonly fix?: string;
  };
  if (/^SK-/.test(String(code)) && what !== undefined && fix !== undefined) {
    return unknown(sentence(what), fix, { error: code });
  }
  const message = error instanceof Error ? error.message : String(error);
  return unknown(sentence(`It could not look: ${message}`), `Look for yourself: ${command}`);
}

/** Reasons quote file names and strangers: none of it may break a line, begin a workflow command or move a cursor. */
function harmless(verdict: GateVerdict): GateVerdict {
  const clean = (text: string) => text.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, " ");
  const { reason, fix } = verdict;
  return { ...verdict, reason: clean(reason), ...(fix !== undefined && { fix: clean(fix) }) };
}

/** The first line, as a sentence. */
function sentence(text: string): string {
  const line = text.split("\n", 1)[0]!.trim().slice(0, 300);
  return /[.!?:]$/.test(line) ? line.replace(/:$/, ".") : `${line}.`;
}
