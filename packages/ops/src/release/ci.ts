import { annotation } from "../formats/github.ts";
import { code, escaped, table } from "../generate/docs/words.ts";
import type { Exception } from "./decision.ts";
import type { GateVerdict } from "./gates/gate.ts";

/** One line of a verdict: a gate, a check, or something that was compared. */
export interface Item {
  readonly name: string;
  readonly verdict: GateVerdict["verdict"];
  readonly reason: string;
  readonly fix?: string;
  readonly exception?: Exception;
}

/** A verdict as a CI shows it. */
export interface CiVerdict {
  /** Such as `Release check of courses-api`. */
  readonly title: string;
  readonly version: string | null;
  readonly verdict: GateVerdict["verdict"];
  /** The verdict in a few words: `Ship.` */
  readonly says: string;
  readonly items: readonly Item[];
}

/** Workflow commands for GitHub Actions: an error for what refused, a warning for what could not tell or was passed over. */
export function annotations({ title, items }: CiVerdict): string[] {
  return items.flatMap(({ name, verdict, reason, fix, exception }) => {
    if (verdict === "passed") return [];
    const level = verdict === "failed" && exception === undefined ? "error" : "warning";
    const passed = exception && `${exception.kind} by ${exception.by}: ${exception.reason}`;
    const message = [reason, passed ?? fix].filter(Boolean).join(" ");
    return [annotation({ level, title: `${title}: ${name}`, message })];
  });
}

/** The same as Markdown, for the summary of a job. */
export function summary({ title, version, verdict, says, items }: CiVerdict): string {
  const rows = items.map(({ name, verdict: found, reason, fix, exception }) => {
    const more = exception
      ? `*${exception.kind} by ${flat(exception.by)}:* ${flat(exception.reason)}`
      : flat(fix ?? "");
    return [code(name), `${SHAPES[found]} ${WORDS[found]}`, [flat(reason), more].filter(Boolean).join(" ")];
  });
  const of = version === null ? "an unknown version" : code(version);
  return `## ${SHAPES[verdict]} ${flat(title)}, ${of}\n\n**${says}**\n\n${table(["", "Verdict", "Why, and what to do"], rows)}\n`;
}

const SHAPES = { passed: "✓", failed: "✗", unknown: "?" } as const;
const WORDS = { passed: "passed", failed: "refused", unknown: "unknown" } as const;

/** Words from anywhere: taken literally, on one line. */
function flat(text: string): string {
  return escaped(text.replace(/\s+/g, " "));
}
