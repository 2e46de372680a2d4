import { readFile } from "node:fs/promises";
import { SeakeepError } from "@seakeep/contract";
import type { Ops } from "../config/ops.ts";
import { readSecret } from "../config/values.ts";
import type { Environment } from "../print.ts";
import type { Signals } from "./signals.ts";

/**
 * Opens the signals of a configuration. Close them.
 *
 * @throws {SeakeepError} `SK-SIGNALS-001` when none are configured.
 */
export async function openSignals(ops: Ops, environment: Environment): Promise<Signals> {
  if (ops.signals === undefined) {
    throw new SeakeepError("SK-SIGNALS-001", "The configuration does not say where signals come from.");
  }
  return ops.signals.open({
    fetch,
    secret: (secret) => readSecret(secret, environment, (path) => readFile(path, "utf8")),
    now: Date.now,
    scrapeInterval: ops.prometheus.scrapeInterval,
  });
}
