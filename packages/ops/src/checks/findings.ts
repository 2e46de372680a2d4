import type { Finding, Verdict } from "./check.ts";
import type { Answer, Outcome } from "./http.ts";

/** A report that lists a thousand findings hides the first: the rest are counted. */
const MOST_FINDINGS = 10;

/** Collects what one run of a check finds, and draws the verdict: failure dominates not knowing. */
export class Findings {
  readonly #failed: Finding[] = [];
  readonly #unknown: Finding[] = [];
  readonly #notes: string[] = [];

  /** The service was seen to break a promise. */
  fail(reason: string, fix: string): void {
    this.#failed.push({ verdict: "failed", reason, fix });
  }

  /** Something could not be seen. */
  unsure(reason: string, fix: string): void {
    this.#unknown.push({ verdict: "unknown", reason, fix });
  }

  /** Worth saying, and no ground for a verdict. */
  note(text: string): void {
    this.#notes.push(text);
  }

  /** True as long as nothing keeps the check from passing. */
  get empty(): boolean {
    return this.#failed.length + this.#unknown.length === 0;
  }

  /** Takes over what was found about a part, with its reasons put into the words of the whole. */
  adopt(part: Findings, put: (reason: string) => string): void {
    const rewritten = (finding: Finding): Finding => ({ ...finding, reason: put(finding.reason) });
    this.#failed.push(...part.#failed.map(rewritten));
    this.#unknown.push(...part.#unknown.map(rewritten));
    this.#notes.push(...part.#notes);
  }

  /**
   * The answer; or nothing, and a finding: failed when the service answered wrongly, unknown when it was silent, or
   * when it would not talk to us (429, unless that is what is wanted).
   */
  answer(outcome: Outcome, wanted: number | readonly number[] = []): Answer | undefined {
    if (outcome.kind === "answer" && outcome.status === 429 && ![wanted].flat().includes(429)) {
      const fix = "Wait, or exempt the machine that checks from the rate limit.";
      this.unsure("The service answered 429: the check itself was rate-limited.", fix);
      return undefined;
    }
    if (outcome.kind === "answer") return outcome;
    if (outcome.kind === "broken") this.fail(outcome.reason, outcome.fix);
    else this.unsure(outcome.reason, outcome.fix);
    return undefined;
  }

  /** Draws the verdict; `passed` is the sentence for when nothing was found. */
  conclude(passed: string): Verdict {
    const all = [...this.#failed, ...this.#unknown];
    const findings = all.slice(0, MOST_FINDINGS);
    const more = all.length - findings.length;
    const notes = more > 0 ? [...this.#notes, `${more} more findings are not listed.`] : this.#notes;
    const [worst] = findings;
    if (worst === undefined) return { verdict: "passed", reason: passed, findings, notes };
    return { verdict: worst.verdict, reason: worst.reason, fix: worst.fix, findings, notes };
  }
}
