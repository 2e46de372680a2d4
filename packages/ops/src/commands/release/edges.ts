import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { connect } from "node:tls";
import type { CheckEdges } from "../../checks/run.ts";
import { readSecret } from "../../config/values.ts";
import type { Environment } from "../../print.ts";

/** The clocks of the process. */
export const CLOCK: { readonly date: () => Date; readonly now: () => number } = {
  date: () => new Date(),
  now: () => performance.now(),
};

/** The parts of the process that checks touch. */
export function checkEdges(environment: Environment): CheckEdges {
  return {
    ...{ fetch, connect, ...CLOCK },
    random: () => randomBytes(16).toString("hex"),
    readSecret: (secret) => readSecret(secret, environment, (path) => readFile(path, "utf8")),
  };
}

/** Name of the account that runs the command; a container may run as one without a name. */
export function account(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? "unknown"}`;
  }
}
