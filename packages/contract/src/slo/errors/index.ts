import { type CommonOptions, declare, type SloDeclaration } from "../declare.ts";
import { requestCount } from "../promql.ts";

export interface ErrorsOptions extends CommonOptions {
  /** Percent of requests that must not be answered with a server error (status >= 500). */
  readonly objective: number;
  /** Judge only these routes; default: all that no other errors SLO names. */
  readonly routes?: readonly string[] | undefined;
}

/**
 * The share of requests that are not answered with a server error.
 *
 * @example
 * errors({ objective: 99 }); // fewer than 1 % of requests fail
 */
export function errors(options: ErrorsOptions): SloDeclaration {
  return declare(
    {
      name: "errors",
      entries: {},
      byRoute: true,
      measure: (_options, { objective, routes, except }) => ({
        events: "requests",
        sentence: `${objective} % of requests are answered without a server error`,
        bad: "requests answered with a server error",
        indicator: ({ names, job }) => {
          const scope = { names, job, routes, except };
          const total = (window: string) => requestCount(scope, names.requests, window);
          return {
            // A service that never failed has no failure series: that is zero failures, as long as there is traffic.
            bad: (window) => `(${requestCount(scope, names.serverErrors, window)} or 0 * ${total(window)})`,
            total,
          };
        },
        measurement: (names) => ({
          by: "counters",
          total: names.requests,
          part: { is: "bad", metric: names.serverErrors },
        }),
      }),
    },
    options,
  );
}
