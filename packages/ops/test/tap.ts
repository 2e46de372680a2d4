import { parse } from "yaml";

/** One test point. */
export interface TapPoint {
  readonly ok: boolean;
  readonly title: string;
  readonly diagnostics: Readonly<Record<string, unknown>>;
}

/** Reads TAP 14 and throws at the first line that is none: stricter than harnesses are. */
export function readTap(text: string): TapPoint[] {
  const lines = text.split("\n");
  if (lines.shift() !== "TAP version 14") throw new Error("no version line");
  const [, planned] = /^1\.\.(\d+)$/.exec(lines.shift() ?? "") ?? [];
  if (lines.pop() !== "") throw new Error("the last line does not end");
  const points: TapPoint[] = [];
  for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
    if (line.startsWith("#")) continue;
    const [, not, number, written = ""] = /^(not )?ok (\d+) - ((?:[^\\#]|\\[\\#])*)$/.exec(line) ?? [];
    if (Number(number) !== points.length + 1) throw new Error(`not a test point: ${line}`);
    if (lines.shift() !== "  ---") throw new Error("no diagnostics");
    const yaml: string[] = [];
    for (let inner = lines.shift(); inner !== "  ..."; inner = lines.shift()) {
      if (!inner?.startsWith("  ")) throw new Error(`not indented: ${inner}`);
      yaml.push(inner.slice(2));
    }
    const title = written.replace(/\\([\\#])/g, "$1");
    points.push({ ok: not === undefined, title, diagnostics: parse(yaml.join("\n")) });
  }
  if (points.length !== Number(planned)) throw new Error("another number of points than planned");
  return points;
}
