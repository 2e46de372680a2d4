/** A half-open span of time: `from` belongs to it, `to` does not. */
export interface Span {
  readonly from: Date;
  readonly to: Date;
}

/** Which series are meant: a metric by its name, and labels that must be equal (a list: to one of them). */
export interface Selector {
  /** A name of `@seakeep/contract`'s, such as `http_requests_total`. */
  readonly metric: string;
  readonly labels?: Readonly<Record<string, string | readonly string[]>>;
}

/** What was seen of one series within a span. */
export interface Reading {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /**
   * Share of the span that lies between samples no further apart than three scrapes, 0 to 1; the ends of the span count
   * as samples. Whoever judges decides how little is too little.
   */
  readonly coverage: number;
}

/** The samples of one series within a span, oldest first. */
export interface SampledSeries {
  readonly labels: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch, ascending. */
  readonly times: ArrayLike<number>;
  /** As many as `times`. `NaN` where the service said so. */
  readonly values: ArrayLike<number>;
}

/** An alert that fires. */
export interface FiringAlert {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Since when it fires or, where the source tells only that, since when its condition holds. */
  readonly since: Date;
}

/**
 * Where measurements of the service come from. Every method answers the series that were seen and only those: an empty
 * list says "nothing was seen", which is never zero. A source that cannot be asked rejects with `SK-SIGNALS-*`.
 *
 * All series have the labels `job` and `instance` as Prometheus gives them; `seakeep.config.ts` decides which service it
 * is, a selector names the job. Labels that the configuration fixes, such as a cluster, are added to every selector.
 */
export interface Signals {
  /** The folder it comes from: `prometheus`, `embedded`. */
  readonly kind: string;
  /**
   * How much each counter grew within the span: from its first sample to its last, resets of the process accounted for,
   * nothing extrapolated. A series that appears when its target had been scraped before, within the span, began at zero:
   * the first error of a route counts.
   */
  increase(selector: Selector, span: Span, signal?: AbortSignal): Promise<readonly Reading[]>;
  /** The largest value that each gauge had within the span. */
  maximum(selector: Selector, span: Span, signal?: AbortSignal): Promise<readonly Reading[]>;
  /** The last value within the span of each series. */
  latest(selector: Selector, span: Span, signal?: AbortSignal): Promise<readonly Reading[]>;
  /** Every sample within the span: for gauges of few series. */
  samples(selector: Selector, span: Span, signal?: AbortSignal): Promise<readonly SampledSeries[]>;
  /** {@link Reading.coverage} of all the series together: where one of them was seen. Survives instances that come and go. */
  coverage(selector: Selector, span: Span, signal?: AbortSignal): Promise<number>;
  /** The alerts of this service that fire now. `undefined`: this source knows of no alerts. */
  firing(service: string, signal?: AbortSignal): Promise<readonly FiringAlert[] | undefined>;
  /** Frees what is open. Safe more than once. */
  close(): Promise<void>;
}
