import { milliseconds, SeakeepError } from "@seakeep/contract";
import type { VersionScope } from "../compare/gather.ts";

/** Labels by which series are told apart; a name that is given twice means either value. */
export type LabelSet = Readonly<Record<string, readonly string[]>>;

/** Which series are the new version's, and which the old one's. */
export interface WindowOptions {
  /** When the new version was deployed. */
  readonly since: Date;
  /** Before it, milliseconds: what the old version did then is what the new one is held to. */
  readonly baseline: number;
  /** Both serve at once, and labels tell them apart. */
  readonly canary?: { readonly new: LabelSet; readonly old: LabelSet };
  /** There is no old version. */
  readonly first: boolean;
}

/** The two sides at a moment. The new one grows; a canary's old one grows with it. */
export function windows(
  { since, baseline, canary, first }: WindowOptions,
  now: Date,
): { readonly old: VersionScope | undefined; readonly new: VersionScope } {
  const span = { from: since, to: now };
  if (canary !== undefined) {
    return { old: { span, labels: canary.old }, new: { span, labels: canary.new } };
  }
  const before = { from: new Date(since.getTime() - baseline), to: since };
  return { old: first ? undefined : { span: before }, new: { span } };
}

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:\d\d)$/;

/**
 * Reads a moment in the past: RFC 3339, or how long ago it was.
 *
 * @throws {SeakeepError} `SK-RELEASE-007`.
 */
export function parseSince(written: string, now: Date): Date {
  const age = milliseconds(written);
  const at =
    age !== undefined ? now.getTime() - age : RFC_3339.test(written) ? Date.parse(written) : Number.NaN;
  if (at <= now.getTime()) return new Date(at);
  throw new SeakeepError(
    "SK-RELEASE-007",
    Number.isNaN(at) ? "The value of --since is no moment." : "The value of --since has not come yet.",
  );
}

/**
 * Reads `NAME=VALUE`, several times.
 *
 * @throws {SeakeepError} `SK-RELEASE-009`.
 */
export function parseLabels(written: readonly string[], option: string): LabelSet {
  const labels: Record<string, string[]> = {};
  for (const text of written) {
    const [, name, value] = /^([a-zA-Z_][a-zA-Z0-9_]*)=(.+)$/s.exec(text) ?? [];
    if (name === undefined || value === undefined) {
      throw new SeakeepError("SK-RELEASE-009", `The value of ${option} is no NAME=VALUE.`);
    }
    labels[name] = [...(labels[name] ?? []), value];
  }
  return labels;
}
