import { type Budget, judge, LIMITS } from "../budgets.ts";
import { get, Load, type WireRequest } from "../harness/load.ts";
import { seeded } from "../harness/random.ts";
import { scrape } from "../harness/scrape.ts";
import { ServerProcess } from "../harness/server-process.ts";
import { spread } from "../harness/stats.ts";
import type { Run, Section } from "../report.ts";

const SERVERS = new URL("./servers.js", import.meta.url);
const CONTENDERS = ["Seakeep", "express-prom-bundle"] as const;
type Contender = (typeof CONTENDERS)[number];
const CONNECTIONS = 10;
/** Enough that heap grown by warming up is not taken for the flood's. */
const WARM_UP = 5_000;
const MIB = 2 ** 20;

interface Figure {
  readonly who: Contender;
  /** Samples on the page before and after; `undefined` when the page could not be had any more. */
  readonly before: number;
  readonly after: number | undefined;
  /** Heap in use that the flood added, MiB, after a full collection. */
  readonly heap: number;
}

export async function flood({ quick, progress }: Run): Promise<Section> {
  const paths = quick ? 20_000 : 200_000;
  progress(`flood: ${paths} hostile paths`);
  // Nothing is timed here, so both may run at once.
  const figures = await Promise.all(CONTENDERS.map((who) => measure(who, paths)));
  return {
    name: "A hostile flood",
    note: `Series on /metrics, and heap that stays in use, after ${paths} requests for random paths that no route matches.`,
    tables: [
      {
        columns: ["", "series before", "series after", "heap added, MiB"],
        rows: figures.map(({ who, before, after, heap }) => [
          who,
          `${before}`,
          after === undefined ? "scrape failed" : `${after}`,
          tenths(heap),
        ]),
      },
    ],
    figures,
    budgets: budgetsOf(figures.find(({ who }) => who === "Seakeep")!),
  };
}

async function measure(who: Contender, paths: number): Promise<Figure> {
  const server = await ServerProcess.start(SERVERS, who, ["--expose-gc"]);
  try {
    const load = new Load(server.port, CONNECTIONS);
    await load.send(WARM_UP, () => get("/favicon.ico", 404));
    const { series: before } = await scrape(server.port);
    const heapBefore = await server.ask("heap");
    await load.send(paths, hostile(seeded(1)));
    const heap = ((await server.ask("heap")) - heapBefore) / MIB;
    load.close();
    const after = await scrape(server.port).then(
      ({ series }) => series,
      () => undefined,
    );
    return { who, before, after, heap };
  } finally {
    await server.stop();
  }
}

const LETTERS = "bcdfghjklmnpqrstvwxz";

/**
 * Paths of two words of letters, such as a scanner's word list has. Not numbers, UUIDs or hexadecimals: those are
 * folded into one by express-prom-bundle's defaults, and an attacker would know.
 */
function hostile(random: () => number): () => WireRequest {
  const word = () => Array.from({ length: 8 }, () => LETTERS[Math.floor(random() * LETTERS.length)]).join("");
  return () => get(`/${word()}/${word()}`, 404);
}

function budgetsOf({ before, after, heap }: Figure): Budget[] {
  const budget = (what: string, atMost: number, value: number): Budget => {
    const measured = spread([value]);
    return { what, atMost, measured, verdict: judge(measured, atMost), format: tenths };
  };
  return [
    budget(
      "series that the flood added to Seakeep",
      LIMITS.floodSeries,
      (after ?? Number.POSITIVE_INFINITY) - before,
    ),
    budget("heap that it added, MiB", LIMITS.floodHeap, heap),
  ];
}

/** A heap that shrank by next to nothing is no "-0". */
function tenths(value: number): string {
  return `${Math.round(value * 10) / 10 || 0}`;
}
