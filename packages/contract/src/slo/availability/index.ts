import { leaf } from "../../leaf.ts";
import { NAMES } from "../../names.ts";
import { type CommonOptions, declare, type SloDeclaration } from "../declare.ts";

export interface AvailabilityOptions extends CommonOptions {
  /** Percent of probes that must pass. */
  readonly objective: number;
  /** Path that the black-box probe requests, such as `/healthz`. */
  readonly probe: string;
}

/**
 * The share of black-box probes that pass: what a user outside the service sees, also when the process is dead and
 * reports nothing about itself.
 *
 * @example
 * availability({ objective: 99.9, probe: "/healthz" });
 */
export function availability(options: AvailabilityOptions): SloDeclaration {
  return declare(
    {
      name: "availability",
      entries: { probe: leaf.path },
      measure: ({ probe }, { objective }) => ({
        events: "probes",
        sentence: `${objective} % of probes of ${probe} pass`,
        bad: `probes of ${probe} failing`,
        probe,
        indicator: ({ probeJob }) => {
          const series = `${NAMES.metrics.probeSuccess}{${probeJob}}`;
          return {
            bad: (window) =>
              `sum(count_over_time(${series}[${window}])) - sum(sum_over_time(${series}[${window}]))`,
            total: (window) => `sum(count_over_time(${series}[${window}]))`,
          };
        },
        measurement: () => ({ by: "gauges", bounds: [{ metric: NAMES.metrics.probeSuccess, least: 1 }] }),
      }),
    },
    options,
  );
}
