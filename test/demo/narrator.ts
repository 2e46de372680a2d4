import { stripVTControlCharacters } from "node:util";

/** Says what happens, calmly: in colour on a terminal, in plain text anywhere else. */
export interface Narrator {
  /** Starts a chapter. */
  heading(text: string): void;
  /** One line of the chapter. */
  say(text: string): void;
  /** From now on, `at` counts from this moment. */
  mark(): void;
  /** One line with the seconds since the mark. */
  at(text: string): void;
  /** What belongs to the line before: faint, and folded to the width of a page. */
  more(text: string): void;
  /** Seconds since the mark. */
  elapsed(): number;
  /** A block as another program wrote it. */
  quote(text: string): void;
  good(text: string): string;
  bad(text: string): string;
  faint(text: string): string;
}

/** A narrator that writes lines to `write`. */
export function narrator(write: (text: string) => void, { colour }: { readonly colour: boolean }): Narrator {
  const paint = (code: number) => (text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const bold = paint(1);
  const faint = paint(2);
  let marked = performance.now();
  const elapsed = () => (performance.now() - marked) / 1000;
  return {
    heading: (text) => write(`\n${bold(text)}\n`),
    say: (text) => write(`  ${text}\n`),
    mark() {
      marked = performance.now();
    },
    at: (text) => write(`  ${faint(`${elapsed().toFixed(1).padStart(5)} s`)}  ${text}\n`),
    more: (text) => {
      for (const line of fold(text, 88)) write(`           ${faint(line)}\n`);
    },
    elapsed,
    quote: (text) =>
      write(
        text
          .trimEnd()
          .replace(/^(?=.)/gm, "    ")
          .concat("\n"),
      ),
    good: paint(32),
    bad: paint(31),
    faint,
  };
}

/** True when colour is wanted: a terminal, and https://no-color.org does not forbid it. */
export function wantsColour(isTerminal: boolean, env: Readonly<Record<string, string | undefined>>): boolean {
  return isTerminal && !env.NO_COLOR && env.TERM !== "dumb";
}

function fold(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text.split(/\s+/)) {
    const line = lines.at(-1) ?? "";
    if (line === "") lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Columns as wide as their widest cell; colour does not count. */
export function table(rows: readonly (readonly string[])[]): string {
  const widthOf = (cell: string) => stripVTControlCharacters(cell).length;
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => widthOf(row[column] ?? ""))),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - widthOf(cell)))
      .join("   ")
      .trimEnd();
  return rows.map(line).join("\n");
}
