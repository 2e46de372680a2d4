import { accessSync, constants, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Where Debian keeps the server programs of Postgres, which are not on PATH; the newest version first. */
function postgresFolders(root = "/usr/lib/postgresql"): string[] {
  try {
    return readdirSync(root)
      .sort((a, b) => Number(b) - Number(a))
      .map((version) => join(root, version, "bin"));
  } catch {
    return [];
  }
}

/**
 * The full path of the first of these programs that is installed, searched on PATH and in Debian's Postgres folders.
 *
 * @throws when none is: the message names the command that installs it.
 */
export function binary(...names: readonly [string, ...string[]]): string {
  const folders = [...postgresFolders(), ...(process.env.PATH ?? "").split(delimiter).filter(Boolean)];
  for (const name of names) {
    for (const folder of folders) {
      const path = join(folder, name);
      if (isExecutable(path)) return path;
    }
  }
  throw new Error(`${names.join(" or ")} is not installed; script/bootstrap installs it or says how`);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
