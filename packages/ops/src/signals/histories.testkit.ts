import type { Selector } from "./signals.ts";

/** A series with its samples; `job` and `instance` are labels like others. */
export interface HistorySeries {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Seconds since the beginning of the history, and the value. */
  readonly points: readonly (readonly [number, number])[];
}

/** What must be answered to one question about a history. */
export interface Question {
  readonly ask: "increase" | "maximum" | "latest";
  readonly selector: Selector;
  /** Seconds since the beginning. */
  readonly span: readonly [from: number, to: number];
  /** By the text of the labels that tell the series apart. */
  readonly values: Readonly<Record<string, number>>;
  /** Of all the series together; within a hundredth. */
  readonly coverage?: number;
}

/** Something that happens to a service, as a scraper sees it. */
export interface History {
  readonly name: string;
  readonly series: readonly HistorySeries[];
  readonly questions: readonly Question[];
}

/** When all histories begin, milliseconds: on no hour, so that no source's own grid fits by chance. */
export const BEGINNING: number = Date.UTC(2026, 2, 3, 4, 5, 6);

/** Seconds between two scrapes. */
export const INTERVAL = 15;

const REQUESTS = "http_requests_total";
const ERRORS = "http_server_errors_total";
const GAUGE = "http_requests_in_flight";
const HOUR = 3600;

/** Moments of scrapes, seconds; `to` is none of them. */
function moments(from: number, to: number, step = INTERVAL): number[] {
  return Array.from({ length: Math.ceil((to - from) / step) }, (_, index) => from + index * step);
}

type Value = (index: number, moment: number) => number;

/** The series of one history: its name is the job, `a` the instance. */
function of(job: string) {
  const target = { job, instance: "a" };
  const make =
    (metric: string) =>
    (times: readonly number[], value: Value, labels: Record<string, string> = {}): HistorySeries => ({
      metric,
      labels: { ...target, ...labels },
      points: times.map((time, index) => [time, value(index, time)]),
    });
  return {
    requests: make(REQUESTS),
    errors: make(ERRORS),
    gauge: make(GAUGE),
    up: (times: readonly number[], labels: Record<string, string> = {}) => make("up")(times, () => 1, labels),
    select: (metric: string, labels: Record<string, string | readonly string[]> = {}) => ({
      metric,
      labels: { job, ...labels },
    }),
  };
}

const hour = moments(0, HOUR);

const steady = of("steady");
const reset = of("reset");
const gap = of("gap");
const born = of("born");
const late = of("late-errors");
const instances = of("instances");
const stale = of("stale");
const nan = of("nan");
const shrinks = of("shrinks");
const quiet = of("quiet");
const jumps = of("clock-jumps");
const sums = of("sums");
const long = of("long");

/** Half a halfDay, with an outage of two hours. */
const halfDay = moments(0, 13 * HOUR).filter((time) => time < 4.5 * HOUR || time >= 6.5 * HOUR);

/** What a scraper saw, and what every source must say of it: exact in values, a hundredth in coverage. */
export const HISTORIES: readonly History[] = [
  {
    name: "steady traffic: from the first sample in the span to the last, nothing extrapolated",
    series: [steady.up(hour), steady.requests(hour, (index) => 100 + 3 * index)],
    questions: [
      {
        ask: "increase",
        selector: steady.select(REQUESTS),
        span: [0, HOUR],
        values: { a: 717 },
        coverage: 1,
      },
      // A sample at the very beginning belongs to the span, one at the very end does not.
      { ask: "increase", selector: steady.select(REQUESTS), span: [15, 60], values: { a: 6 } },
      { ask: "increase", selector: steady.select(REQUESTS), span: [15.001, 60.001], values: { a: 6 } },
      { ask: "increase", selector: steady.select(REQUESTS), span: [0, 15], values: { a: 0 } },
      { ask: "latest", selector: steady.select(REQUESTS), span: [0, HOUR], values: { a: 817 } },
      { ask: "latest", selector: steady.select(REQUESTS), span: [0, 30], values: { a: 103 } },
      {
        ask: "increase",
        selector: steady.select(REQUESTS),
        span: [2 * HOUR, 3 * HOUR],
        values: {},
        coverage: 0,
      },
      { ask: "increase", selector: steady.select("no_such_total"), span: [0, HOUR], values: {}, coverage: 0 },
      {
        ask: "increase",
        selector: steady.select(REQUESTS, { instance: ["b", "c"] }),
        span: [0, HOUR],
        values: {},
      },
    ],
  },
  {
    name: "a restart: the counter begins anew, and what it counted since counts in full",
    series: [
      reset.up(hour),
      reset.requests(hour, (index) => (index < 100 ? 50 + index : 7 + 2 * (index - 100))),
    ],
    questions: [
      {
        ask: "increase",
        selector: reset.select(REQUESTS),
        span: [0, HOUR],
        values: { a: 99 + 7 + 278 },
        coverage: 1,
      },
      { ask: "increase", selector: reset.select(REQUESTS), span: [1500, HOUR], values: { a: 278 } },
    ],
  },
  {
    name: "a gap: what grew meanwhile counts, and the gap is told",
    series: ((times) => [gap.up(times), gap.requests(times, (_index, time) => time)])(
      hour.filter((time) => time < 1200 || time >= 2100),
    ),
    questions: [
      {
        ask: "increase",
        selector: gap.select(REQUESTS),
        span: [0, HOUR],
        values: { a: 3585 },
        coverage: 0.7458,
      },
      // Two scrapes lost are no gap: the samples are three scrapes apart.
      { ask: "increase", selector: gap.select(REQUESTS), span: [0, 1230], values: { a: 1185 }, coverage: 1 },
    ],
  },
  {
    name: "a series that appears when its target had been scraped before began at zero",
    series: [
      born.up(hour),
      born.requests(hour, (index) => index, { path_template: "/old" }),
      born.requests(hour.slice(120), (index) => 5 + index, { path_template: "/new" }),
    ],
    questions: [
      {
        ask: "increase",
        selector: born.select(REQUESTS),
        span: [0, HOUR],
        values: { "a /old": 239, "a /new": 5 + 119 },
        coverage: 1,
      },
      {
        ask: "increase",
        selector: born.select(REQUESTS, { path_template: "/new" }),
        span: [1800, HOUR],
        values: { "a /new": 119 },
      },
    ],
  },
  {
    name: "the first server error comes late and is one",
    series: [
      late.up(hour),
      late.requests(hour, (index) => 10 * index),
      late.errors(hour.slice(200), (index) => (index < 20 ? 1 : 2), { path_template: "/x" }),
    ],
    questions: [
      { ask: "increase", selector: late.select(ERRORS), span: [0, HOUR], values: { "a /x": 2 } },
      { ask: "increase", selector: late.select(ERRORS), span: [0, 3000], values: {} },
      { ask: "increase", selector: late.select(ERRORS), span: [0, 3001], values: { "a /x": 1 } },
    ],
  },
  {
    name: "two instances: one restarts, the other is replaced",
    series: [
      instances.up(hour),
      instances.requests(hour, (index) => (index < 60 ? 1000 + index : index - 60)),
      instances.up(hour.slice(0, 120), { instance: "b" }),
      instances.requests(hour.slice(0, 120), (index) => index, { instance: "b" }),
      instances.up(hour.slice(124), { instance: "c" }),
      instances.requests(hour.slice(124), (index) => 40 + index, { instance: "c" }),
    ],
    questions: [
      {
        ask: "increase",
        selector: instances.select(REQUESTS),
        span: [0, HOUR],
        // Nothing is known of c before its first scrape.
        values: { a: 59 + 0 + 179, b: 119, c: 115 },
        coverage: 1,
      },
      {
        ask: "increase",
        selector: instances.select(REQUESTS, { instance: ["b", "c"] }),
        span: [0, HOUR],
        values: { b: 119, c: 115 },
        coverage: 1 - 60 / HOUR - 15 / HOUR,
      },
    ],
  },
  {
    name: "a series that goes stale has its last value, and covers what it covered",
    series: [stale.up(hour), stale.gauge(hour.slice(0, 80), (index) => index % 7)],
    questions: [
      {
        ask: "latest",
        selector: stale.select(GAUGE),
        span: [0, HOUR],
        values: { a: 2 },
        coverage: 1185 / HOUR,
      },
      { ask: "latest", selector: stale.select(GAUGE), span: [1800, HOUR], values: {}, coverage: 0 },
      { ask: "maximum", selector: stale.select(GAUGE), span: [0, HOUR], values: { a: 6 } },
    ],
  },
  {
    name: "what is not a number is no count and no maximum",
    series: [
      nan.up(hour),
      nan.requests(hour, (index) => (index === 100 ? Number.NaN : index)),
      nan.gauge(hour, (index) => (index % 2 === 0 ? Number.NaN : index / 4)),
    ],
    questions: [
      { ask: "increase", selector: nan.select(REQUESTS), span: [0, HOUR], values: { a: 239 }, coverage: 1 },
      { ask: "maximum", selector: nan.select(GAUGE), span: [0, HOUR], values: { a: 59.75 } },
      { ask: "maximum", selector: nan.select(GAUGE), span: [0, 15], values: {} },
    ],
  },
  {
    name: "a counter that shrinks by one is a restart each time: too much rather than too little",
    series: [shrinks.up(hour), shrinks.requests(hour, (index) => 20 - (index % 10))],
    questions: [{ ask: "increase", selector: shrinks.select(REQUESTS), span: [0, 150], values: { a: 135 } }],
  },
  {
    name: "no traffic: zero, which was seen",
    series: [quiet.up(hour), quiet.requests(hour, () => 41)],
    questions: [
      { ask: "increase", selector: quiet.select(REQUESTS), span: [0, HOUR], values: { a: 0 }, coverage: 1 },
    ],
  },
  {
    name: "scrapes come early and late, and the clock is put forward by seven minutes",
    series: ((times) => [jumps.up(times), jumps.requests(times, (index) => index)])(
      hour.map((time, index) => (index < 100 ? time : time + 420) + (index % 5) / 8),
    ),
    questions: [
      {
        ask: "increase",
        selector: jumps.select(REQUESTS),
        span: [0, HOUR + 420],
        values: { a: 239 },
        coverage: 0.895,
      },
    ],
  },
  {
    name: "sums of seconds are no whole numbers",
    series: [sums.up(hour), sums.requests(hour, (index) => index * 0.0625 + (index > 50 ? 1 / 3 : 0))],
    questions: [
      { ask: "increase", selector: sums.select(REQUESTS), span: [0, 600], values: { a: 39 * 0.0625 } },
      {
        ask: "latest",
        selector: sums.select(REQUESTS),
        span: [0, HOUR],
        values: { a: 239 * 0.0625 + 1 / 3 },
      },
    ],
  },
  {
    name: "half a day: restarts, an outage, a route and an instance that come later",
    series: [
      long.up(halfDay),
      long.requests(halfDay, (_index, time) => (time < 2.3 * HOUR ? time : time - 2.3 * HOUR) / 15, {
        path_template: "/restarts",
      }),
      long.requests(halfDay, (_index, time) => time / 5, { path_template: "/steady" }),
      long.errors(
        halfDay.filter((time) => time >= 3.7 * HOUR),
        (index) => 3 + index,
        { path_template: "/late" },
      ),
      long.errors(
        halfDay.filter((time) => time >= 7 * HOUR),
        (index) => 1 + index,
        { path_template: "/on-a-block" },
      ),
      // Smaller after the outage than before, and meanwhile grown past it within its block.
      long.requests(halfDay, (_index, time) => (time < 5 * HOUR ? 100 : (time - 6.5 * HOUR) / 15), {
        path_template: "/outage",
      }),
      long.up(moments(8 * HOUR, 10 * HOUR), { instance: "b" }),
      long.requests(moments(8 * HOUR, 10 * HOUR), (index) => 8 + index, {
        instance: "b",
        path_template: "/b",
      }),
      long.gauge(halfDay, (_index, time) => (time === 7.5 * HOUR ? 200 : 3)),
    ],
    questions: [
      {
        ask: "increase",
        selector: long.select(REQUESTS),
        span: [0, 13 * HOUR],
        values: {
          "a /restarts": 2.3 * 240 - 1 + (10.7 * 240 - 1),
          "a /steady": (13 * HOUR) / 5 - 3,
          "a /outage": 6.5 * 240 - 1,
          "b /b": 479,
        },
        coverage: 11 / 13,
      },
      {
        ask: "increase",
        selector: long.select(ERRORS),
        span: [0, 13 * HOUR],
        values: { "a /late": 3 + (9.3 - 2) * 240 - 1, "a /on-a-block": 6 * 240 },
      },
      {
        ask: "maximum",
        selector: long.select(GAUGE),
        span: [0, 13 * HOUR],
        values: { a: 200 },
        coverage: 11 / 13,
      },
      { ask: "latest", selector: long.select(GAUGE), span: [0, 13 * HOUR], values: { a: 3 } },
    ],
  },
];
