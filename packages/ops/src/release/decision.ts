import { nearest, SeakeepError } from "@seakeep/contract";
import type { Actor } from "./actor.ts";
import { GATE_NAMES, type GateName } from "./gate-names.ts";
import type { GateVerdict } from "./gates/gate.ts";

/** Somebody let a release pass a gate that did not open. */
export interface Exception {
  /** `waived`: the gate could not tell. `overridden`: it refused. */
  readonly kind: "waived" | "overridden";
  readonly reason: string;
  /** Who, or `configuration` for a standing one. */
  readonly by: string;
}

/** What became of one gate. */
export interface GateResult extends GateVerdict {
  readonly name: GateName;
  readonly title: string;
  readonly durationMs: number;
  /** Present when it does not count against the release. */
  readonly exception?: Exception;
}

/** Which exceptions are asked for, by gate. */
export interface Exceptions {
  readonly standing: Readonly<Partial<Record<GateName, string>>>;
  readonly waive: ReadonlyMap<GateName, string>;
  readonly override: ReadonlyMap<GateName, string>;
  readonly by: Actor;
}

/**
 * Reads `GATE=reason`.
 *
 * @throws {SeakeepError} `SK-RELEASE-001` for a gate that there is not, or without a reason.
 */
export function parseExceptions(written: readonly string[], option: string): Map<GateName, string> {
  const found = new Map<GateName, string>();
  for (const text of written) {
    const [name = "", ...rest] = text.split("=");
    const reason = rest.join("=").trim();
    if (!(GATE_NAMES as readonly string[]).includes(name)) {
      const near = nearest(name, GATE_NAMES);
      const shown = JSON.stringify(name.slice(0, 40));
      throw new SeakeepError("SK-RELEASE-001", `${option}: no gate is called ${shown}.`, {
        fix: near === undefined ? `Gates are ${GATE_NAMES.join(", ")}.` : `Did you mean ${near}?`,
      });
    }
    if (reason === "") {
      const fix = `Write ${option} ${name}="why it may be passed".`;
      throw new SeakeepError("SK-RELEASE-001", `${option} ${name} gives no reason.`, { fix });
    }
    found.set(name as GateName, reason);
  }
  return found;
}

/** What is passed over: a gate that could not tell by a waiver, one that refused by an override and nothing less. */
export function exceptionFor(
  name: GateName,
  { verdict }: GateVerdict,
  { standing, waive, override, by }: Exceptions,
): Exception | undefined {
  if (verdict === "passed") return undefined;
  const overridden = override.get(name);
  if (overridden !== undefined) return { kind: "overridden", reason: overridden, by: by.name };
  if (verdict === "failed") return undefined;
  const waived = waive.get(name);
  if (waived !== undefined) return { kind: "waived", reason: waived, by: by.name };
  const reason = standing[name];
  return reason === undefined ? undefined : { kind: "waived", reason, by: "configuration" };
}

/** Refusal dominates not knowing. A release that no gate was open for was not checked: that is no pass. */
export function decide(results: readonly GateResult[]): GateVerdict["verdict"] {
  const counted = results.filter(({ exception }) => exception === undefined);
  if (counted.some(({ verdict }) => verdict === "failed")) return "failed";
  if (counted.length === 0 || counted.some(({ verdict }) => verdict === "unknown")) return "unknown";
  return "passed";
}
