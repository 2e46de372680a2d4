import { execFile } from "node:child_process";
import { readdir, realpath } from "node:fs/promises";
import { basename, delimiter, join } from "node:path";
import { promisify } from "node:util";
import { SeakeepError } from "@seakeep/contract";

/** Postgres's own programs of one version, in one folder. */
export interface Programs {
  readonly folder: string;
  readonly major: number;
  path(name: "pg_dump" | "pg_dumpall" | "pg_restore"): string;
}

const run = promisify(execFile);

/** Where distributions keep a folder for each version; PATH often has only a wrapper that guesses one. */
const PARENTS: readonly (readonly [folder: string, version: RegExp])[] = [
  ["/usr/lib/postgresql", /^\d+$/],
  ["/usr", /^pgsql-\d+$/],
  ["/opt/homebrew/opt", /^(postgresql@\d+|libpq)$/],
  ["/usr/local/opt", /^(postgresql@\d+|libpq)$/],
];

/**
 * Finds pg_dump and its companions of a major version or newer: the oldest that will do, because it differs least.
 *
 * @param folder look here and nowhere else; default: the variable `PGBIN`, else the usual places and PATH
 * @throws {SeakeepError} `SK-POSTGRES-004`, which names the version needed and what was found.
 */
export async function findPrograms(
  minimum: number,
  folder: string | undefined = process.env.PGBIN || undefined,
): Promise<Programs> {
  const folders = folder === undefined ? await usualFolders() : [folder];
  const found = (await Promise.all(folders.map(identify))).filter((programs) => programs !== undefined);
  const [best] = found.filter(({ major }) => major >= minimum).sort((a, b) => a.major - b.major);
  if (best !== undefined) return best;
  const versions = [...new Set(found.map(({ major }) => major))].sort((a, b) => a - b);
  const where = folder === undefined ? "on this machine" : `in ${folder}`;
  const has = versions.length > 0 ? `only version ${versions.join(", ")} is there` : "there is none";
  throw new SeakeepError(
    "SK-POSTGRES-004",
    `pg_dump and pg_restore of version ${minimum} or newer are needed ${where}, and ${has}.`,
    {
      fix: `Install the client of version ${minimum} (Debian: \`apt-get install postgresql-client-${minimum}\`), or name its folder in PGBIN.`,
    },
  );
}

/** Where programs of Postgres are looked for. */
export async function usualFolders(): Promise<string[]> {
  const versions = await Promise.all(
    PARENTS.map(async ([parent, version]) => {
      const names = await readdir(parent).catch(() => []);
      return names.filter((name) => version.test(name)).map((name) => join(parent, name, "bin"));
    }),
  );
  return [...new Set([...versions.flat(), ...(process.env.PATH ?? "").split(delimiter).filter(Boolean)])];
}

async function identify(folder: string): Promise<Programs | undefined> {
  try {
    const program = await realpath(join(folder, "pg_dump"));
    // Debian's wrapper picks a version by its own rules, which may be another one each time.
    if (basename(program) === "pg_wrapper") return undefined;
    const { stdout } = await run(program, ["--version"], { timeout: 10_000 });
    const major = Number(/\(PostgreSQL\) (\d+)/.exec(stdout)?.[1]);
    return major > 0 ? { folder, major, path: (name) => join(folder, name) } : undefined;
  } catch {
    return undefined;
  }
}
