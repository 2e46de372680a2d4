import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Where PATH has a program; `undefined` when it has none. */
export function onPath(program: string): string | undefined {
  return (process.env.PATH ?? "")
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, program))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
