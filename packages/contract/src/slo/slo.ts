import type { MetricNames } from "../names.ts";
import type { Route } from "../routes.ts";

/**
 * A checked service level objective. All kinds look the same from here on: a share of bad events among all events,
 * a budget, and where to read the two counts. What follows (recording rules, alerts, dashboards, documents) does not
 * know the kinds.
 */
export interface Slo {
  /** Kind, which is also its folder: `latency`. */
  readonly kind: string;
  /** Unique in the service; the `slo` label. */
  readonly name: string;
  /** Percent of events that must be good, in (0, 100). */
  readonly objective: number;
  /** Share of events that may be bad, `1 - objective / 100`. */
  readonly budget: number;
  /** False: the SLO raises tickets only. */
  readonly page: boolean;
  /** An alert needs at least this many bad events in its long window: one error in a quiet night wakes nobody. */
  readonly minimumBadEvents: number;
  /** What is counted: `requests`, `probes` or `samples`. */
  readonly events: string;
  /** The promise in plain words: "95 % of requests are answered within 500ms". */
  readonly sentence: string;
  /** What the bad events are, for summaries: "requests slower than 500ms". */
  readonly bad: string;
  /** The routes it judges; empty for all but `except`. */
  readonly routes: readonly Route[];
  /** The routes it leaves to a narrower SLO of its kind. */
  readonly except: readonly Route[];
  /** Histogram bucket edges that the kind needs, seconds. */
  readonly edges: readonly number[];
  /** Path that the black-box probe requests, for kinds measured from outside. */
  readonly probe?: string;
  /** The PromQL that counts its events. */
  readonly indicator: (query: QueryContext) => Indicator;
  /** What its events are counted from, for who has the series themselves and no PromQL. Says the same as `indicator`. */
  readonly measurement: (names: MetricNames) => Measurement;
}

/** What the events of an SLO are counted from. */
export type Measurement = CountedRequests | SampledGauges;

/** Counters of requests, in the SLO's own routes. */
export interface CountedRequests {
  readonly by: "counters";
  readonly total: string;
  /**
   * The counter of the bad ones, whose absence means none; or that of the good ones, whose absence means that nothing is
   * known.
   */
  readonly part:
    | { readonly is: "bad"; readonly metric: string }
    | { readonly is: "good"; readonly metric: string; readonly edge: number };
}

/** Gauges, each sample of which is an event. It is bad when any of the gauges of its process is out of bounds. */
export interface SampledGauges {
  readonly by: "gauges";
  readonly bounds: readonly GaugeBound[];
}

/** Where a gauge must stay. */
export interface GaugeBound {
  readonly metric: string;
  readonly least?: number;
  readonly most?: number;
}

/** What a kind needs to write PromQL. */
export interface QueryContext {
  readonly names: MetricNames;
  /** Matchers that pick this service's own series: `job="courses-api"`. */
  readonly job: string;
  /** Matchers that pick the series of this SLO's own probe, of its path alone: `job="courses-api-probe",probe="/healthz"`. */
  readonly probeJob: string;
  /** Matchers that pick the SLO's own recorded series: `seakeep_id="courses-api-errors"`. */
  readonly id: string;
}

/** Counts of bad and of all events in a PromQL window such as `5m`. */
export interface Indicator {
  readonly bad: (window: string) => string;
  readonly total: (window: string) => string;
  /** Series that must be recorded, labelled with the query's `id`, before `bad` and `total` can be read. */
  readonly record?: readonly { readonly name: string; readonly expr: string }[];
}
