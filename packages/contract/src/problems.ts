import { show } from "./show.ts";

/** One thing wrong with a declaration, with everything needed to mend it. */
export interface Problem {
  /** Where, as it would be written in code: `slos[2].threshold`. */
  readonly path: string;
  readonly got: string;
  readonly wanted: string;
  readonly fix: string;
}

/** A message of thousands of lines helps nobody; the list itself is whole. */
const MOST_PRINTED = 50;

/** Collects every problem of a declaration, so that one run shows them all. */
export class Problems {
  readonly list: Problem[] = [];
  readonly #seen = new Set<string>();

  /** Adds a problem with a value, shown as it would be written. The same complaint at the same place counts once. */
  add(path: string, got: unknown, wanted: string, fix: string): void {
    this.report({ path, got: show(got), wanted, fix });
  }

  /** Adds a problem whose `got` is in words, such as "an unknown key". */
  report(problem: Problem): void {
    const identity = `${problem.path}\n${problem.wanted}`;
    if (this.#seen.has(identity)) return;
    this.#seen.add(identity);
    this.list.push(problem);
  }

  /** The problems as indented lines for an error message. */
  toString(): string {
    const lines = this.list
      .slice(0, MOST_PRINTED)
      .map(
        ({ path, got, wanted, fix }) =>
          `  ${path || "the declaration"}: got ${got}, wanted ${wanted}\n    fix: ${fix}`,
      );
    const more = this.list.length - lines.length;
    return [...lines, ...(more > 0 ? [`  and ${more} more`] : [])].join("\n");
  }
}

/** Adds a problem at a key of the options being checked. */
export type Reporter = (key: string, got: unknown, wanted: string, fix: string) => void;
