import { join } from "node:path";
import { binary } from "./binaries.ts";
import { type Server, startServer } from "./processes.ts";
import type { Scratch } from "./scratch.ts";
import { answers } from "./until.ts";

/** Starts Prometheus on a generated configuration file. Ready once it serves queries. */
export function startPrometheus(scratch: Scratch, configFile: string): Promise<Server> {
  return startServer(scratch, {
    name: "prometheus",
    command: binary("prometheus"),
    args: (port) => [
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${join(scratch.folder, "prometheus-data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--log.level=warn",
    ],
    ready: (port) => answers(`http://127.0.0.1:${port}/-/ready`),
  });
}

/** One series of an instant query's answer. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Evaluates PromQL now, and returns the vector. */
export async function instantQuery(prometheus: Server, promql: string): Promise<readonly Sample[]> {
  const url = `http://127.0.0.1:${prometheus.port}/api/v1/query?query=${encodeURIComponent(promql)}`;
  const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
  const body = (await response.json()) as {
    error?: string;
    data?: { result: { metric: Record<string, string>; value: [number, string] }[] };
  };
  if (body.data === undefined) throw new Error(`${promql}: ${body.error}`);
  return body.data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
}
