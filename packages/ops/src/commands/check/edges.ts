import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { connect } from "node:tls";
import type { CheckEdges } from "../../checks/run.ts";
import { readSecret } from "../../config/values.ts";
import type { Environment } from "../../print.ts";

/** The parts of the process that checks touch. */
export function checkEdges(environment: Environment): CheckEdges {
  return {
    ...{ fetch, connect },
    now: () => performance.now(),
    busy: () => performance.eventLoopUtilization().active,
    date: () => new Date(),
    random: () => randomBytes(16).toString("hex"),
    readSecret: (secret) => readSecret(secret, environment, (path) => readFile(path, "utf8")),
  };
}
