import type { Paint } from "../../print.ts";
import type { CheckReport } from "../report.ts";

/** What a format needs beside the report. */
export interface FormatSurroundings {
  readonly paint: Paint;
  /** The operations file, below the repository's root; absent when there is none. */
  readonly file?: string;
}

/** Every format that a report can be written in. */
export type FormatName = "pretty" | "json" | "junit" | "tap" | "sarif" | "github";

type Write = (report: CheckReport, surroundings: FormatSurroundings) => string;

const json = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`;

/** Loaded one by one: a run needs one of them, seldom two. */
const WRITERS: Readonly<Record<FormatName, () => Promise<Write>>> = {
  async pretty() {
    const { pretty } = await import("./pretty.ts");
    return (report, { paint }) => pretty(report, paint);
  },
  json: async () => json,
  junit: async () => (await import("./junit.ts")).junit,
  tap: async () => (await import("./tap.ts")).tap,
  async sarif() {
    const { sarif } = await import("./sarif.ts");
    return (report, { file }) => json(sarif(report, file));
  },
  async github() {
    const { github } = await import("./github.ts");
    return (report, { file }) => github(report, file);
  },
};

export const FORMAT_NAMES: readonly string[] = Object.keys(WRITERS);

/** Writes a report in one of the formats. */
export async function format(
  name: FormatName,
  report: CheckReport,
  surroundings: FormatSurroundings,
): Promise<string> {
  const write = await WRITERS[name]();
  return write(report, surroundings);
}
