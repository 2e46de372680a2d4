import { leaf } from "../../leaf.ts";
import { formatDuration, milliseconds } from "../../units.ts";
import { type CommonOptions, declare, type SloDeclaration } from "../declare.ts";
import { edgeMatcher, requestCount } from "../promql.ts";

export interface LatencyOptions extends CommonOptions {
  /** Percent of requests that must be answered within the threshold; 95 is "p95 <= threshold", said exactly. */
  readonly objective: number;
  /** Longest duration of a good request, such as `"500ms"`; it becomes a bucket edge of the histogram. */
  readonly threshold: string;
  /** Judge only these routes; default: all that no other latency SLO names. */
  readonly routes?: readonly string[] | undefined;
}

/** Above this a request has long been cut by every proxy on the way. */
const LONGEST_THRESHOLD = 600_000;

/**
 * The share of requests that are answered within a threshold. "p95 <= 500 ms" is stated as "at least 95 % of requests
 * within 500 ms": the same promise, exact at a bucket edge, and with an error budget.
 *
 * @example
 * latency({ objective: 95, threshold: "500ms" });
 */
export function latency(options: LatencyOptions): SloDeclaration {
  return declare(
    {
      name: "latency",
      entries: { threshold: leaf.duration },
      byRoute: true,
      check: ({ threshold }, at) => {
        const limit = milliseconds(threshold)!;
        if (limit < 1 || limit > LONGEST_THRESHOLD) {
          at(
            "threshold",
            threshold,
            "a threshold between 1ms and 10m",
            limit < 1
              ? "No request is that fast. Write a threshold that a good request can meet."
              : "No client waits that long, so no request would ever be slow. Write what users accept.",
          );
        }
      },
      measure: ({ threshold }, { objective, routes, except }) => {
        const limit = milliseconds(threshold)!;
        const edge = limit / 1000;
        const text = formatDuration(limit);
        return {
          events: "requests",
          sentence: `${objective} % of requests are answered within ${text}`,
          bad: `requests slower than ${text}`,
          edges: [edge],
          indicator: ({ names, job }) => {
            const scope = { names, job, routes, except };
            const total = (window: string) => requestCount(scope, `${names.duration}_count`, window);
            const good = (window: string) =>
              requestCount(scope, `${names.duration}_bucket`, window, edgeMatcher(edge));
            // No fallback to zero here: a missing bucket means that nothing is known, not that nothing was slow.
            return { bad: (window) => `clamp_min(${total(window)} - ${good(window)}, 0)`, total };
          },
          measurement: (names) => ({
            by: "counters",
            total: `${names.duration}_count`,
            part: { is: "good", metric: `${names.duration}_bucket`, edge },
          }),
        };
      },
    },
    options,
  );
}
