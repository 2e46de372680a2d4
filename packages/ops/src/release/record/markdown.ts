import { code, escaped, table } from "../../generate/docs/words.ts";
import type { GateResult } from "../decision.ts";
import type { ReleaseRecord } from "./record.ts";

/** A record for people: what an auditor asks for after "who let this ship?". */
export function renderMarkdown(record: ReleaseRecord, chain: readonly string[]): string {
  const { number, service, version, decision, at, by, tool, previous, signature, evidence } = record;
  const facts = [
    ["Decision", `**${escaped(decision)}**`],
    ["On", code(evidence.kind)],
    ["Version", version === null ? "unknown" : code(version)],
    ["At", at],
    ["By", `${flat(by.name)} (${flat(by.from)})`],
    ["With", flat(tool)],
    ["Record before", previous === null ? "none" : code(previous)],
    ["Signed", signature === null ? "no" : `by key ${code(signature.key)}`],
  ];
  const parts = [
    `# Release record ${number} of ${escaped(service)}\n`,
    `${table(["", ""], facts)}\n`,
    rows(evidence.gates ?? evidence.items),
    chain.length === 0
      ? ""
      : `## The chain of records is broken\n\n${chain.map((line) => `- ${flat(line)}`).join("\n")}\n`,
    "The whole evidence is in the `.json` beside this file.\n",
  ];
  return parts.filter((part) => part !== "").join("\n");
}

/** The gates of a check, or what a comparison compared. */
function rows(list: unknown): string {
  if (!Array.isArray(list) || list.length === 0) return "";
  const lines = (list as Partial<GateResult>[]).map(({ name = "", verdict = "", reason = "", exception }) => [
    flat(String(name)),
    `${SHAPES[verdict] ?? ""} ${flat(String(verdict))}`.trim(),
    flat(String(reason)) +
      (exception ? ` *${exception.kind} by ${flat(exception.by)}:* ${flat(exception.reason)}` : ""),
  ]);
  return `## Evidence\n\n${table(["Of", "Verdict", "Why"], lines)}\n`;
}

const SHAPES: Readonly<Record<string, string>> = { passed: "✓", failed: "✗", unknown: "?" };

/** Words from anywhere: taken literally, on one line. */
function flat(text: string): string {
  return escaped(text.replace(/\s+/g, " "));
}
