import { SeakeepError } from "@seakeep/contract";

/** What can be recorded. */
export const EVIDENCE_KINDS = ["release check", "release verify", "rollback advise", "rollback run"] as const;

/** A verdict as a verb printed it under `--json`. */
export interface Evidence {
  readonly kind: (typeof EVIDENCE_KINDS)[number];
  readonly [key: string]: unknown;
}

/** Larger than any verdict. */
const MOST_BYTES = 1024 * 1024;
/** Shorter values are words: a secret `test` must not make every record impossible. */
const SHORTEST_SECRET = 6;

/**
 * Reads a file of evidence.
 *
 * @param service whose releases are recorded
 * @throws {SeakeepError} `SK-RELEASE-005`.
 */
export function parseEvidence(text: string, shown: string, service: string): Evidence {
  const refuse = (what: string) => new SeakeepError("SK-RELEASE-005", `${shown} ${what}.`);
  if (Buffer.byteLength(text) > MOST_BYTES) throw refuse("is too large to be evidence");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refuse("is not one JSON document");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw refuse("is no evidence");
  const evidence = value as Evidence;
  if (!EVIDENCE_KINDS.includes(evidence.kind)) throw refuse(`is none of ${EVIDENCE_KINDS.join(", ")}`);
  const of = (evidence.service as { readonly name?: unknown } | undefined)?.name;
  if (of !== service) throw refuse(`is not of ${service}`);
  const sealed = (evidence.record as { readonly name?: unknown } | undefined)?.name;
  if (sealed !== undefined) throw refuse(`is recorded already, as ${String(sealed).slice(0, 20)}`);
  return evidence;
}

/** What was decided, in a few words. */
export function decisionOf({ kind, verdict, decision }: Evidence): string {
  if (kind === "release check") return WORDS[String(verdict)]?.[0] ?? "could not tell";
  if (kind === "release verify") return WORDS[String(verdict)]?.[1] ?? "could not tell";
  return typeof decision === "string" ? decision.slice(0, 60) : "unknown";
}

const WORDS: Readonly<Record<string, readonly [check: string, verify: string]>> = {
  passed: ["ship", "keep"],
  failed: ["do not ship", "do not keep"],
};

/** @throws {SeakeepError} `SK-RELEASE-005` when the value of a secret is anywhere in it; it is not said where. */
export function refuseSecrets(evidence: Evidence, secrets: ReadonlyMap<string, string>): void {
  const text = JSON.stringify(evidence);
  for (const [name, value] of secrets) {
    if (value.length < SHORTEST_SECRET) continue;
    const spelled = [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)];
    if (!spelled.some((spelling) => text.includes(spelling))) continue;
    throw new SeakeepError(
      "SK-RELEASE-005",
      `The value of ${name} is in the evidence, which nobody can take back from a record.`,
    );
  }
}
