import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** One statement of the corpus. */
export interface CorpusCase {
  /** `columns: drop a column`. */
  readonly name: string;
  /** What the documentation of Postgres lets expect: it blocks for long, loses data, or breaks old statements. */
  readonly unsafe: boolean;
  /** Statements that run before it. */
  readonly setup: string;
  readonly statement: string;
}

const FOLDER = join(import.meta.dirname, "corpus");

/** The schema that every statement finds. */
export const readBase = (): Promise<string> => readFile(join(FOLDER, "base.sql"), "utf8");

/** Every statement: `-- safe: name` or `-- unsafe: name`, what stands above `-- when` is its setup. */
export async function readCorpus(): Promise<readonly CorpusCase[]> {
  const files = (await readdir(FOLDER)).filter((file) => file !== "base.sql" && file.endsWith(".sql"));
  const cases = await Promise.all(
    files.sort().map(async (file) => {
      const parts = (await readFile(join(FOLDER, file), "utf8")).split(/^-- (?=safe: |unsafe: )/m);
      return parts.filter((part) => part.trim() !== "").map((part) => caseOf(part, file.replace(".sql", "")));
    }),
  );
  return cases.flat();
}

function caseOf(part: string, topic: string): CorpusCase {
  const [heading = "", ...lines] = part.split("\n");
  const [, verdict, name] = /^(safe|unsafe): (.+)$/.exec(heading) ?? [];
  const when = lines.indexOf("-- when");
  const statement = lines
    .slice(when + 1)
    .join("\n")
    .trim();
  if (verdict === undefined || statement === "") throw new Error(`${topic}: "${heading}" is no case`);
  const setup = lines.slice(0, Math.max(when, 0)).join("\n");
  return { name: `${topic}: ${name}`, unsafe: verdict === "unsafe", setup, statement };
}
