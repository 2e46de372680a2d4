import { join } from "node:path";
import { binary } from "./binaries.ts";
import { type Server, startServer } from "./processes.ts";
import type { Scratch } from "./scratch.ts";
import { answers } from "./until.ts";

/** Starts one Alertmanager, not clustered, on a generated configuration file. */
export function startAlertmanager(scratch: Scratch, configFile: string): Promise<Server> {
  return startServer(scratch, {
    name: "alertmanager",
    command: binary("prometheus-alertmanager", "alertmanager"),
    args: (port) => [
      `--config.file=${configFile}`,
      `--storage.path=${join(scratch.folder, "alertmanager-data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      // Empty: it otherwise opens a gossip port on every interface.
      "--cluster.listen-address=",
      "--log.level=warn",
    ],
    ready: (port) => answers(`http://127.0.0.1:${port}/-/ready`),
  });
}
