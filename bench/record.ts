import { Counter, Histogram, Registry } from "prom-client";
import { judge, LIMITS } from "./budgets.ts";
import { median, type Spread, spread } from "./harness/stats.ts";
import type { Run, Section } from "./report.ts";
import { EDGES, service } from "./requests/service.ts";

type Record = (method: string, route: string, status: number, seconds: number) => void;

/** Ten finished requests that repeat. */
const REQUESTS: readonly (readonly [method: string, route: string, status: number, seconds: number])[] = [
  ["GET", "/courses", 200, 0.002],
  ["GET", "/courses/:id", 200, 0.004],
  ["GET", "/courses", 200, 0.007],
  ["GET", "/courses/:id", 404, 0.003],
  ["GET", "/courses", 200, 0.012],
  ["GET", "/courses/:id", 200, 0.03],
  ["GET", "/courses", 200, 0.006],
  ["GET", "/courses/:id", 500, 0.3],
  ["GET", "/courses", 200, 0.002],
  ["GET", "/courses/:id", 200, 0.008],
];

/** Seakeep's own recorder. It is not part of the package's public list, so it is found beside a module that is. */
async function seakeep(): Promise<Record> {
  const adapter = import.meta.resolve("@seakeep/runtime/node-http");
  const module: unknown = await import(new URL("../../metrics/index.js", adapter).href);
  const { createMetrics } = module as typeof import("../packages/runtime/src/metrics/index.ts");
  const metrics = createMetrics(service, { eventLoopDelay: false });
  return (method, route, status, seconds) => metrics.record(method, route, status, seconds);
}

/** The same histogram and counters in prom-client. */
function promClient(): Record {
  const labelNames = ["method", "path_template", "status_code"] as const;
  const common = { labelNames, registers: [new Registry()] };
  const duration = new Histogram({ ...common, name: "d", help: "d", buckets: [...EDGES] });
  const requests = new Counter({ ...common, name: "r", help: "r" });
  const serverErrors = new Counter({ ...common, name: "e", help: "e" });
  return (method, route, status, seconds) => {
    const labels = { method, path_template: route, status_code: status };
    duration.observe(labels, seconds);
    requests.inc(labels);
    if (status >= 500) serverErrors.inc(labels);
  };
}

const ROUNDS = 21;

/** Nanoseconds of each round, the contenders taking turns; the first rounds, when the code is cold, are dropped. */
function race(contenders: readonly Record[], perRound: number): number[][] {
  const times = contenders.map((): number[] => []);
  for (let round = -3; round < ROUNDS; round++) {
    for (const [at, contender] of contenders.entries()) {
      const began = performance.now();
      for (let index = 0; index < perRound; index++) contender(...REQUESTS[index % REQUESTS.length]!);
      const nanoseconds = ((performance.now() - began) * 1e6) / perRound;
      if (round >= 0) times[at]!.push(nanoseconds);
    }
  }
  return times;
}

export async function record({ quick, progress }: Run): Promise<Section> {
  progress("record: Seakeep and prom-client in turn");
  const [ours, theirs] = race([await seakeep(), promClient()], quick ? 20_000 : 100_000) as [
    number[],
    number[],
  ];
  const ratio = spread([median(ours) / median(theirs)]);
  const row = (name: string, values: number[]): string[] => {
    const { median, low, high }: Spread = spread(values);
    return [name, median.toFixed(0), `${low.toFixed(0)} to ${high.toFixed(0)}`];
  };
  return {
    name: "Recording one request",
    note: `Nanoseconds for one histogram and two counters with three labels; the median of ${ROUNDS} rounds, taking turns.`,
    tables: [
      {
        columns: ["", "ns", "fastest to slowest round"],
        rows: [row("Seakeep", ours), row("prom-client", theirs)],
      },
    ],
    figures: { nanoseconds: { seakeep: spread(ours), promClient: spread(theirs) } },
    budgets: [
      {
        what: "Seakeep / prom-client",
        atMost: LIMITS.record,
        measured: ratio,
        verdict: judge(ratio, LIMITS.record),
        format: (value) => value.toFixed(3),
      },
    ],
  };
}
