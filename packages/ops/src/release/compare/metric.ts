/** What happened in one slice of a window: slices are of one length, in order, without gaps between them. */
export interface Slice {
  /** Bad events: errors, slow requests, samples of a full process, security events. */
  readonly bad: number;
  /** Events of which they are a part: requests, samples. */
  readonly total: number;
}

/** How much worse is worse: the difference that a release must not bring, and that must be found when it does. */
export interface Effect {
  /** Share of events more than before; 0.01 is one percentage point. */
  readonly points: number;
  /** Times what it was before. The larger of the two differences counts, so that a half of nearly nothing is nothing. */
  readonly ratio: number;
}

interface CommonMetric {
  /** Unique in a comparison: `errors`, `latency`, `security/authn_login_fail`. */
  readonly name: string;
  /** What is bad, in the plural: "requests slower than 500ms". */
  readonly what: string;
  /**
   * True: what cannot be told of it makes the whole comparison unknown. False: it can fail a release, and a release passes
   * without it, such as a route that nobody called.
   */
  readonly required: boolean;
}

/** One side of a {@link ShareMetric}. */
export interface ShareSide {
  readonly slices: readonly Slice[];
  /** Share of the window that was seen, 0 to 1. */
  readonly coverage: number;
}

/** A share of bad events. `undefined`: nothing was seen of that side. */
export interface ShareMetric extends CommonMetric {
  readonly kind: "share";
  readonly old: ShareSide | undefined;
  readonly new: ShareSide | undefined;
  readonly effect: Effect;
  /** Share that may be bad, by the SLO. The only measure where there is no old version. */
  readonly budget?: number;
}

/** One side of a {@link LevelMetric}. */
export interface LevelSide {
  /** The largest value of each slice, in order; or durations, or whatever is the worse the higher it is. */
  readonly values: readonly number[];
  readonly coverage: number;
}

/** How high something is: requests in flight, event-loop delay. */
export interface LevelMetric extends CommonMetric {
  readonly kind: "level";
  readonly old: LevelSide | undefined;
  readonly new: LevelSide | undefined;
  /** How many times the median before is worse. */
  readonly ratio: number;
  /** What is below it has room: load moves levels, and no release is to blame for the hour of the day. */
  readonly limit?: number;
  /** Of the values, for sentences: `s`, or nothing. */
  readonly unit: string;
}

export type Metric = ShareMetric | LevelMetric;

/** `unknown`: too little was seen to tell, which is never a pass. */
export type ComparisonVerdict = "passed" | "failed" | "unknown";
