import { binary } from "./binaries.ts";
import { type Server, startServer } from "./processes.ts";
import type { Scratch } from "./scratch.ts";
import { answers } from "./until.ts";

/** Starts the blackbox exporter on a generated configuration file. */
export function startBlackbox(scratch: Scratch, configFile: string): Promise<Server> {
  return startServer(scratch, {
    name: "blackbox",
    command: binary("prometheus-blackbox-exporter", "blackbox_exporter"),
    args: (port) => [
      `--config.file=${configFile}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--log.level=warn",
    ],
    ready: (port) => answers(`http://127.0.0.1:${port}/-/healthy`),
  });
}
