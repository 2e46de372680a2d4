import type { LevelMetric, Metric, ShareMetric, Slice } from "./metric.ts";

/** Numbers that look random and are the same for the same seed: mulberry32. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Random = () => number;

function normal(rng: Random): number {
  return Math.sqrt(-2 * Math.log(1 - rng())) * Math.cos(2 * Math.PI * rng());
}

/** Exact by inversion where it is small, else the normal one. */
function binomial(rng: Random, n: number, p: number): number {
  const mean = n * p;
  if (mean > 60) return Math.max(0, Math.min(n, Math.round(mean + normal(rng) * Math.sqrt(mean * (1 - p)))));
  let left = rng();
  let term = (1 - p) ** n;
  let count = 0;
  while (left > term && count < n) {
    left -= term;
    term *= ((n - count) / (count + 1)) * (p / (1 - p));
    count += 1;
  }
  return count;
}

function poisson(rng: Random, mean: number): number {
  if (mean > 60) return Math.max(0, Math.round(mean + normal(rng) * Math.sqrt(mean)));
  return binomial(rng, 1_000_000, mean / 1_000_000);
}

/** Something that changes from minute to minute. */
type Wave = (minute: number) => number;

/** What traffic does, both windows long. */
interface Weather {
  /** Times the usual number of requests. */
  readonly load: Wave;
  /** Times the usual share of bad events. */
  readonly badness: Wave;
  /** Events that come at once. */
  readonly burst: number;
}

/** Slices of each window. */
const SLICES = 32;

const steady: Wave = () => 1;

/** A wave of the logarithm whose neighbours are alike, with the mean one: AR(1). */
function drift(minutes: number, rng: Random, deviation: number, memory: number): Wave {
  const kept = Math.exp(-1 / memory);
  const values = new Float64Array(minutes);
  let state = normal(rng);
  for (let minute = 0; minute < minutes; minute++) {
    values[minute] = Math.exp(deviation * state - deviation ** 2 / 2);
    state = kept * state + Math.sqrt(1 - kept ** 2) * normal(rng);
  }
  return (minute) => values[minute]!;
}

/** Minutes in which something else is broken: rare, and nobody's release. */
function outages(minutes: number, rng: Random, share: number, length: number, times: number): Wave {
  const values = new Float64Array(minutes);
  let out = rng() < share;
  for (let minute = 0; minute < minutes; minute++) {
    values[minute] = out ? times : 1;
    out = rng() < (out ? 1 - 1 / length : share / (1 - share) / length);
  }
  return (minute) => values[minute]!;
}

/** What traffic is like. */
export const MODELS: Readonly<Record<string, (rng: Random, minutes: number) => Weather>> = {
  independent: () => ({ load: steady, badness: steady, burst: 1 }),
  // A day's wave, at any time of the day; a loaded service fails a little more.
  diurnal(rng) {
    const phase = rng() * 2 * Math.PI;
    const wave = (minute: number) => Math.sin(phase + (2 * Math.PI * minute) / (24 * 60));
    return {
      load: (minute) => 1 + 0.8 * wave(minute),
      badness: (minute) => Math.exp(0.4 * wave(minute)),
      burst: 1,
    };
  },
  // Retry loops: eight failures for one cause, on average.
  bursty: (rng, minutes) => ({ load: drift(minutes, rng, 0.4, 1), badness: steady, burst: 8 }),
  // What went badly a minute ago goes badly still: half as bad or twice as bad for four minutes.
  autocorrelated: (rng, minutes) => ({
    load: drift(minutes, rng, 0.3, 6),
    badness: drift(minutes, rng, 0.5, 4),
    burst: 1,
  }),
  // In one minute of a hundred a dependency is away, for two minutes on average, and a fifth of requests fails.
  outages: (rng, minutes) => ({ load: steady, badness: outages(minutes, rng, 0.01, 2, 40), burst: 1 }),
  // All of it at once.
  stormy(rng, minutes) {
    const [slow, fast] = [drift(minutes, rng, 0.3, 8), outages(minutes, rng, 0.005, 2, 20)];
    return {
      load: drift(minutes, rng, 0.4, 3),
      badness: (minute) => slow(minute) * fast(minute),
      burst: 4,
    };
  },
};

/** How much there is, and how much worse the new version is. */
export interface Scenario {
  /** Requests a minute. */
  readonly rate: number;
  /** Minutes of each slice; each window has 32 slices. */
  readonly slice: number;
  /** Added to the share of the new version: of server errors, of slow requests. */
  readonly errors?: number;
  readonly slow?: number;
}

const SHARES = { errors: 0.005, slow: 0.02, upload: 0.02, full: 0.002, events: 0.004 };

/** The metrics of one release in some weather. */
export function release(model: string, scenario: Scenario, seed: number): Metric[] {
  const { rate, slice: length, errors = 0, slow = 0 } = scenario;
  const minutes = 2 * SLICES * length;
  const rng = random(seed);
  const weather = MODELS[model]!(rng, minutes);

  function minute(at: number, share: number, mean: number): Slice {
    const total = poisson(rng, mean * weather.load(at));
    const p = Math.min(0.5, share * weather.badness(at));
    if (weather.burst === 1) return { bad: binomial(rng, total, p), total };
    let bad = 0;
    for (let bursts = poisson(rng, (total * p) / weather.burst); bursts > 0; bursts--) {
      // Geometric, with the mean of the burst.
      bad += 1 + Math.floor(Math.log(1 - rng()) / Math.log(1 - 1 / weather.burst));
    }
    return { bad: Math.min(bad, total), total };
  }

  function window(first: number, share: number, mean: number): Slice[] {
    return Array.from({ length: SLICES }, (_, slice) => {
      let [bad, total] = [0, 0];
      for (let at = 0; at < length; at++) {
        const count = minute((first + slice) * length + at, share, mean);
        bad += count.bad;
        total += count.total;
      }
      return { bad, total };
    });
  }

  const share = (name: string, usual: number, added: number, mean: number): ShareMetric => ({
    kind: "share",
    name,
    what: name,
    required: name === "errors" || name === "latency",
    old: { slices: window(0, usual, mean), coverage: 1 },
    new: { slices: window(SLICES, usual + added, mean), coverage: 1 },
    effect: { points: { errors: 0.01, latency: 0.05, saturation: 0.2 }[name] ?? 0.01, ratio: 1.5 },
  });

  const level = (name: string, typical: number, limit: number): LevelMetric => {
    const wave = drift(2 * SLICES, rng, 0.3, 5);
    const values = (first: number) =>
      Array.from({ length: SLICES }, (_, slice) => {
        const load = weather.load((first + slice) * length);
        return typical * load * wave(first + slice) * Math.exp(0.2 * normal(rng));
      });
    const [old, after] = [values(0), values(SLICES)];
    return {
      ...{ kind: "level", name, what: name, required: false, ratio: 1.5, limit, unit: "" },
      old: { values: old, coverage: 1 },
      new: { values: after, coverage: 1 },
    };
  };

  return [
    share("errors", SHARES.errors, errors, rate),
    share("latency", SHARES.slow, slow, rate),
    share("upload", SHARES.upload, 0, rate / 50),
    share("saturation", SHARES.full, 0, 8),
    share("security", SHARES.events, 0, rate),
    level("in-flight", 90, 200),
    level("delay", 0.08, 0.2),
  ];
}
