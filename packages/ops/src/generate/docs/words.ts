const UNITS: readonly (readonly [unit: string, ms: number])[] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1000],
  ["ms", 1],
];

/** Below this, days are said in hours: a backup is "24 h" old, not "1 d". */
const DAYS_FROM = 2 * 86_400_000;

/** A length of time for readers, in its two largest units: `8 min 38 s`. */
export function inWords(ms: number): string {
  const first = UNITS.findIndex(([unit, size]) => ms >= (unit === "d" ? DAYS_FROM : size));
  if (first === -1) return "0 s";
  let rest = ms;
  const parts = UNITS.slice(first, first + 2).flatMap(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count === 0 ? [] : [`${count} ${unit}`];
  });
  return parts.join(" ");
}

/** A share as a percentage for readers: `14.4 %`. */
export function percentage(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}

/** Text for a table cell or a sentence, taken literally. */
export function escaped(text: string): string {
  return text
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/([|*_`\\[\]])/g, "\\$1");
}

/** A code span for a table cell. */
export function code(text: string): string {
  return `\`${text.replace(/\|/g, "\\|")}\``;
}

/** A Markdown table, its columns aligned so that it also reads as plain text. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(header), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}
