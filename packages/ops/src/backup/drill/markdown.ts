import { code, escaped, inWords, table } from "../../generate/docs/words.ts";
import type { BootResult } from "./boot.ts";
import type { DrillReport, Objective } from "./report.ts";

/** A report for people: what an auditor asks for after "do you test your backups?". */
export function renderMarkdown(report: DrillReport, chain: readonly string[]): string {
  const { id, service, number, passed, problems, expectations, server, snapshotAt, startedAt, tool } = report;
  const facts = [
    ["Verdict", passed ? "✓ passed" : "✗ failed"],
    ["Backup", code(id)],
    ["Snapshot", snapshotAt ?? "unknown"],
    ["Drill began", startedAt],
    ["Restored to", server ? `${server.kind} Postgres ${Math.floor(server.version / 10_000)}` : "nothing"],
    ["Equal to the backup", report.validated ? `✓ ${report.tables} tables, ${report.rows} rows` : "✗ no"],
    ["RTO", objective(report.rto)],
    ["RPO", objective(report.rpo)],
    ["By", escaped(tool)],
    ["Report before", report.previous === null ? "none" : code(report.previous)],
  ];
  const parts = [
    `# Restore drill ${number} of ${escaped(service)}\n`,
    `${table(["", ""], facts)}\n`,
    list("What was wrong", problems),
    expectations.length === 0
      ? "## Expectations\n\nNone are declared.\n"
      : `## Expectations\n\n${table(
          ["Expectation", "Result"],
          expectations.map(({ name, passed: held, problem }) => [
            flat(name),
            held ? "✓ holds" : `✗ ${flat(problem ?? "")}`,
          ]),
        )}\n`,
    report.boot === undefined ? "" : booted(report.boot),
    list("The chain of reports is broken", chain),
  ];
  return parts.filter((part) => part !== "").join("\n");
}

function booted({ passed, seconds, problem, checks }: BootResult): string {
  const ready =
    seconds === undefined ? "It did not become ready." : `Ready after ${inWords(seconds * 1000)}.`;
  const lines = [`${passed ? "✓ passed" : "✗ failed"}. ${ready}${problem ? ` ${flat(problem)}.` : ""}`];
  const results = checks.map(({ name, verdict, reason }) => [
    flat(name),
    `${MARKS[verdict]} ${verdict}`,
    flat(reason),
  ]);
  if (results.length > 0) lines.push("", table(["Check", "Verdict", "Reason"], results));
  return `## The service on the restored data\n\n${lines.join("\n")}\n`;
}

const MARKS = { passed: "✓", failed: "✗", unknown: "?" } as const;

function list(heading: string, lines: readonly string[]): string {
  return lines.length === 0 ? "" : `## ${heading}\n\n${lines.map((line) => `- ${flat(line)}`).join("\n")}\n`;
}

/** Words of a database: taken literally, on one line. */
function flat(text: string): string {
  return escaped(text.replace(/\s+/g, " "));
}

/** `1 min 12 s of 1 h: met`. */
export function objective({ seconds, declaredSeconds, verdict }: Objective): string {
  const measured = seconds === undefined ? undefined : inWords(Math.round(seconds * 1000));
  const declared = declaredSeconds === undefined ? "" : ` of ${inWords(declaredSeconds * 1000)}`;
  return measured === undefined ? verdict : `${measured}${declared}: ${verdict}`;
}
