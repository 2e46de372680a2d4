import { type Budget, judge, LIMITS } from "../budgets.ts";
import { Load } from "../harness/load.ts";
import { scrape as fetchMetrics } from "../harness/scrape.ts";
import { ServerProcess } from "../harness/server-process.ts";
import { type Spread, spread } from "../harness/stats.ts";
import type { Run, Section } from "../report.ts";
import { requestsFor, routeCount } from "./grid.ts";

const SERVERS = new URL("./servers.js", import.meta.url);
const SIZES = [10_000, 100_000] as const;
const CONTENDERS = ["Seakeep", "prom-client"] as const;
type Contender = (typeof CONTENDERS)[number];
const CONNECTIONS = 10;

interface Figure {
  readonly who: Contender;
  /** Series aimed at, and those on the page. */
  readonly size: number;
  readonly series: number;
  /** CPU of one scrape, milliseconds. */
  readonly cpu: Spread;
  /** Longest time that one scrape held the event loop, milliseconds. */
  readonly hold: Spread;
}

export async function scrape({ quick, progress }: Run): Promise<Section> {
  const figures: Figure[] = [];
  for (const size of SIZES) {
    progress(`scrape: ${size} series`);
    figures.push(...(await measureSize(size, quick ? 3 : 9)));
  }
  return {
    name: "One scrape",
    note: "CPU of the server and the longest time its event loop was held, milliseconds; median, lowest and highest scrape.",
    tables: [
      {
        columns: ["", "series", "CPU ms", "lowest to highest", "hold ms", "lowest to highest"],
        rows: figures.map(({ who, series, cpu, hold }) => [who, `${series}`, ...cells(cpu), ...cells(hold)]),
      },
    ],
    figures,
    budgets: budgetsOf(figures.filter(({ size }) => size === Math.max(...SIZES))),
  };
}

/** Both servers are alive at once and scraped in turn. */
async function measureSize(size: number, scrapes: number): Promise<Figure[]> {
  const requests = requestsFor(routeCount(size));
  const subjects = [];
  try {
    for (const who of CONTENDERS) {
      const server = await ServerProcess.start(SERVERS, `${who} ${routeCount(size)}`);
      subjects.push({ who, server, cpu: [] as number[], hold: [] as number[] });
      const load = new Load(server.port, CONNECTIONS);
      await load.send(requests.length, (index) => requests[index]!);
      load.close();
      await fetchMetrics(server.port);
    }
    for (let round = 0; round < scrapes; round++) {
      for (const { server, cpu, hold } of subjects) {
        const before = await server.ask("cpu");
        await fetchMetrics(server.port);
        cpu.push(((await server.ask("cpu")) - before) / 1e3);
        // A second scrape: watching the loop costs CPU of its own.
        await server.ask("watch");
        await fetchMetrics(server.port);
        hold.push(await server.ask("hold"));
      }
    }
    const counted = await Promise.all(subjects.map(({ server }) => fetchMetrics(server.port)));
    return subjects.map(({ who, cpu, hold }, at) => ({
      who,
      size,
      series: counted[at]!.series,
      cpu: spread(cpu),
      hold: spread(hold),
    }));
  } finally {
    await Promise.all(subjects.map(({ server }) => server.stop()));
  }
}

function cells({ median, low, high }: Spread): string[] {
  return [median.toFixed(2), `${low.toFixed(2)} to ${high.toFixed(2)}`];
}

function budgetsOf(figures: readonly Figure[]): Budget[] {
  const of = (who: Contender) => figures.find((figure) => figure.who === who)!;
  const [ours, theirs] = [of("Seakeep"), of("prom-client")];
  const budget = (what: string, atMost: number, measured: Spread): Budget => ({
    what: `${what}, Seakeep / prom-client, ${ours.size} series`,
    atMost,
    measured,
    verdict: judge(measured, atMost),
    format: (value) => value.toFixed(3),
  });
  return [
    budget("CPU", LIMITS.scrapeCpu, over(ours.cpu, theirs.cpu)),
    budget("longest hold", LIMITS.scrapeHold, over(ours.hold, theirs.hold)),
  ];
}

/** The extremes set against the other's median. */
function over(ours: Spread, theirs: Spread): Spread {
  const [median, low, high] = [ours.median, ours.low, ours.high].map((value) => value / theirs.median);
  return { median: median!, low: low!, high: high! };
}
