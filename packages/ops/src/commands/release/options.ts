import { milliseconds } from "@seakeep/contract";
import { InvalidArgumentError } from "commander";
import { EXIT, type ExitCode } from "../../exit.ts";
import type { GateVerdict } from "../../release/gates/gate.ts";

/** Exit code of each verdict. */
export const EXITS: Readonly<Record<GateVerdict["verdict"], ExitCode>> = {
  passed: EXIT.passed,
  failed: EXIT.failed,
  unknown: EXIT.unknown,
};

/** Gathers an option that may be repeated. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** A duration up to a day, milliseconds. */
export function duration(text: string): number {
  const parsed = milliseconds(text);
  if (parsed !== undefined && parsed > 0 && parsed <= 86_400_000) return parsed;
  throw new InvalidArgumentError('It must be a duration up to a day, such as "30s" or "15m".');
}
