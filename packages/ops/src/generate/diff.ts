import { createTwoFilesPatch } from "diff";

/** Readers skim: a file that differs everywhere need not be shown whole. */
const MOST_LINES = 200;

/** The difference from what is there to what is wanted, in the format of `diff -u`. */
export function unifiedDiff(path: string, found: string, wanted: string): string {
  const patch = createTwoFilesPatch(path, path, found, wanted, "as it is", "as declared", { context: 3 });
  const lines = patch.trimEnd().split("\n");
  // What stands before the two file names is Subversion's, not that of diff -u.
  lines.splice(
    0,
    lines.findIndex((line) => line.startsWith("--- ")),
  );
  const more = lines.length - MOST_LINES;
  return [...lines.slice(0, MOST_LINES), ...(more > 0 ? [`... ${more} more lines`] : [])].join("\n");
}
