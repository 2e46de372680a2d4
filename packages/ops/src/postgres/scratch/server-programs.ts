import { execFile } from "node:child_process";
import { access, constants, realpath } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { SeakeepError } from "@seakeep/contract";
import { usualFolders } from "../programs.ts";

const run = promisify(execFile);

/** The programs of a Postgres server, of one version. */
export interface ServerPrograms {
  readonly major: number;
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * Finds a Postgres server of a major version or newer: the oldest that will do, because it differs least.
 *
 * @param folder look here and nowhere else; default: the variable `PGBIN`, else the usual places and PATH
 * @throws {SeakeepError} `SK-DRILL-002`, which names the version needed and what was found.
 */
export async function findServer(
  minimum: number,
  folder: string | undefined = process.env.PGBIN || undefined,
): Promise<ServerPrograms> {
  const folders = folder === undefined ? await usualFolders() : [folder];
  const found = (await Promise.all(folders.map(identify))).filter((programs) => programs !== undefined);
  const [best] = found.filter(({ major }) => major >= minimum).sort((a, b) => a.major - b.major);
  if (best !== undefined) return best;
  const versions = [...new Set(found.map(({ major }) => major))].sort((a, b) => a - b);
  const has = versions.length > 0 ? `only version ${versions.join(", ")} is here` : "there is none here";
  throw new SeakeepError(
    "SK-DRILL-002",
    `A Postgres server of version ${minimum} or newer is needed, and ${has}.`,
    {
      fix: `Install it (Debian: \`apt-get install postgresql-${minimum}\`; it need not run), name the folder of its programs in PGBIN, or name a server to drill on with --server-from-env.`,
    },
  );
}

async function identify(folder: string): Promise<ServerPrograms | undefined> {
  try {
    const [initdb, postgres] = [join(folder, "initdb"), await realpath(join(folder, "postgres"))];
    await access(initdb, constants.X_OK);
    const { stdout } = await run(postgres, ["--version"], { timeout: 10_000 });
    const major = Number(/\(PostgreSQL\) (\d+)/.exec(stdout)?.[1]);
    return major > 0 ? { major, initdb, postgres } : undefined;
  } catch {
    return undefined;
  }
}
