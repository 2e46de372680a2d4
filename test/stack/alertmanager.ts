import { join } from "node:path";
import { binary } from "./binaries.ts";
import { type Server, startServer } from "./processes.ts";
import type { Scratch } from "./scratch.ts";
import { answers } from "./until.ts";

/** Starts one Alertmanager, not clustered, on a generated configuration file, on the port that Prometheus is told. */
export function startAlertmanager(scratch: Scratch, configFile: string, port: number): Promise<Server> {
  return startServer(scratch, {
    name: "alertmanager",
    port,
    command: binary("prometheus-alertmanager", "alertmanager"),
    args: () => [
      `--config.file=${configFile}`,
      `--storage.path=${join(scratch.folder, "alertmanager-data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      // Empty: it otherwise opens a gossip port on every interface.
      "--cluster.listen-address=",
      "--log.level=warn",
    ],
    ready: () => answers(`http://127.0.0.1:${port}/-/ready`),
  });
}
