import { binary } from "./binaries.ts";
import { type Server, startServer } from "./processes.ts";
import type { Scratch } from "./scratch.ts";
import { answers } from "./until.ts";

/** Starts the blackbox exporter on a generated configuration file, on the port that Prometheus is told. */
export function startBlackbox(scratch: Scratch, configFile: string, port: number): Promise<Server> {
  return startServer(scratch, {
    name: "blackbox",
    port,
    command: binary("prometheus-blackbox-exporter", "blackbox_exporter"),
    args: () => [`--config.file=${configFile}`, `--web.listen-address=127.0.0.1:${port}`, "--log.level=warn"],
    ready: () => answers(`http://127.0.0.1:${port}/-/healthy`),
  });
}
