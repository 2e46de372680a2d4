import { blocksWrites, type LockMode } from "../prove/lock-mode.ts";
import type { OperationEffects } from "./operations.ts";

/**
 * - `unsafe`: blocks reads or writes for a time that grows with the table, or loses data, or takes away what the
 *   release before needs.
 * - `caution`: a short strong lock, or it cannot be seen.
 */
export type Level = "unsafe" | "caution";

/** What effects amount to. Reading or rewriting harms nobody while others may write. */
export function levelOf(effects: OperationEffects): Level {
  const { lock, other, rewrites, scans, scansOther, loses, breaks, unbounded } = effects;
  const blocks = (mode: LockMode | undefined) => mode !== undefined && blocksWrites(mode);
  const long = ((rewrites || scans) && blocks(lock)) || (scansOther && blocks(other));
  return loses || breaks || unbounded || long ? "unsafe" : "caution";
}
