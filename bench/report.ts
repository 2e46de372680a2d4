import type { Budget, Verdict } from "./budgets.ts";

/** What a part of the benchmark is told. */
export interface Run {
  /** Measure less, roughly. */
  readonly quick: boolean;
  /** Says on stderr what is being done. */
  readonly progress: (text: string) => void;
}

/** What one part of the benchmark found. */
export interface Section {
  readonly name: string;
  /** How to read the tables, in one or two sentences. */
  readonly note: string;
  readonly tables: readonly Table[];
  /** The figures behind the tables, for `--json`. */
  readonly figures: unknown;
  readonly budgets: readonly Budget[];
}

/** Its first column is text, the others are numbers. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A Markdown table whose source is aligned as well. */
function formatTable({ columns, rows }: Table): string {
  const widths = columns.map((column, at) => Math.max(column.length, ...rows.map((row) => row[at]!.length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join(" | ")} |`;
  const rule = `|${widths.map((width, at) => (at === 0 ? "-".repeat(width + 2) : `${"-".repeat(width + 1)}:`)).join("|")}|`;
  return [line(columns), rule, ...rows.map(line)].join("\n");
}

export function formatSection(section: Section): string {
  const budgets: Table = {
    columns: ["budget", "at most", "measured", "verdict"],
    rows: section.budgets.map(({ what, atMost, measured, verdict, format }) => [
      what,
      format(atMost),
      measured.low === measured.high
        ? format(measured.median)
        : `${format(measured.median)} (${format(measured.low)} to ${format(measured.high)})`,
      WORD[verdict],
    ]),
  };
  return [`## ${section.name}`, section.note, ...[...section.tables, budgets].map(formatTable)].join("\n\n");
}

const WORD: Readonly<Record<Verdict, string>> = { met: "met", missed: "MISSED", unclear: "unclear" };
