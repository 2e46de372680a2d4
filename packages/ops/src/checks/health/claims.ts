/** What one value in a health report says of its part. */
export interface Claim {
  /** Where it stands: `checks.database.status`. */
  readonly path: string;
  readonly value: string;
  readonly claim: "good" | "warning" | "bad";
}

/** Words of draft-inadarei-api-health-check, Spring Boot, Docker and Kubernetes, and what people write by hand. */
const GOOD = new Set(["pass", "passed", "ok", "up", "healthy", "alive", "ready", "good", "green", "success"]);
const WARNING = new Set(["warn", "warning", "degraded", "yellow"]);
const BAD = new Set([
  "fail",
  "failed",
  "failing",
  "failure",
  "down",
  "unhealthy",
  "out_of_service",
  "disconnected",
]);
/** Bad too, but only as a status: `{ "logLevel": "error" }` reports nothing. */
const BAD_STATUS = new Set(["error", "critical", "red", "dead", "not ready"]);

const STATUS_KEYS = new Set(["status", "state", "health", "result", "body"]);
const FLAG_KEYS = new Set(["ok", "healthy", "up", "alive", "ready", "success"]);

/** Deeper or wider than this is no health report; a hostile one must not hold the check up. */
const MOST_VALUES = 10_000;

/** Every value in a health report that says how a part is, from the outside in. */
export function claims(report: unknown): Claim[] {
  const found: Claim[] = [];
  const queue: { value: unknown; key: string; path: string }[] = [{ value: report, key: "status", path: "" }];
  for (let index = 0; index < queue.length && index < MOST_VALUES; index++) {
    const { value, key, path } = queue[index]!;
    const claim = claimOf(key, value);
    if (claim !== undefined) found.push({ path, value: String(value), claim });
    if (typeof value !== "object" || value === null) continue;
    for (const [inner, part] of Object.entries(value)) {
      if (queue.length >= MOST_VALUES) break;
      queue.push({ value: part, key: inner.toLowerCase(), path: path === "" ? inner : `${path}.${inner}` });
    }
  }
  return found;
}

function claimOf(key: string, value: unknown): Claim["claim"] | undefined {
  if (typeof value === "boolean") return FLAG_KEYS.has(key) ? (value ? "good" : "bad") : undefined;
  if (typeof value === "number")
    return STATUS_KEYS.has(key) && value >= 400 && value < 600 ? "bad" : undefined;
  if (typeof value !== "string") return undefined;
  const word = value.trim().toLowerCase();
  if (BAD.has(word) || (STATUS_KEYS.has(key) && BAD_STATUS.has(word))) return "bad";
  if (!STATUS_KEYS.has(key)) return undefined;
  if (WARNING.has(word)) return "warning";
  return GOOD.has(word) ? "good" : undefined;
}
