import * as v from "valibot";
import { leaf } from "../../leaf.ts";
import { NAMES } from "../../names.ts";
import { formatDuration, milliseconds } from "../../units.ts";
import { type CommonOptions, declare, type SloDeclaration } from "../declare.ts";

export interface SaturationOptions extends CommonOptions {
  /** Percent of the time that each process must have room; default 99. */
  readonly objective?: number | undefined;
  /** Requests that one process can serve at once. */
  readonly inFlight?: number | undefined;
  /** Longest 99th-percentile event-loop delay of a process with room, such as `"200ms"`. */
  readonly eventLoopDelay?: string | undefined;
}

/** The delay gauge samples every 10 ms: a smaller limit would be below what it can see. */
const SHORTEST_DELAY = 20;

/**
 * The share of time in which each process has room: few enough requests in flight, an event loop that is not late.
 * Sampled at each rule evaluation, per process.
 *
 * @example
 * saturation({ inFlight: 200, eventLoopDelay: "200ms" });
 */
export function saturation(options: SaturationOptions): SloDeclaration {
  return declare(
    {
      name: "saturation",
      objective: 99,
      entries: {
        inFlight: v.optional(leaf.count),
        eventLoopDelay: v.optional(leaf.duration),
      },
      check: ({ inFlight, eventLoopDelay }, at) => {
        if (inFlight === undefined && eventLoopDelay === undefined) {
          at(
            "inFlight",
            undefined,
            "inFlight, eventLoopDelay or both",
            'Say what full means: inFlight: 200, or eventLoopDelay: "200ms".',
          );
        }
        if (eventLoopDelay !== undefined && milliseconds(eventLoopDelay)! < SHORTEST_DELAY) {
          at(
            "eventLoopDelay",
            eventLoopDelay,
            "a delay of at least 20ms",
            "The delay is sampled every 10ms, so a smaller limit could not be told from an idle loop.",
          );
        }
      },
      measure: ({ inFlight, eventLoopDelay }, { objective }) => {
        const delay = eventLoopDelay === undefined ? undefined : milliseconds(eventLoopDelay)!;
        const limits = [
          inFlight === undefined ? [] : [`at most ${inFlight} requests in flight`],
          delay === undefined ? [] : [`an event loop at most ${formatDuration(delay)} late`],
        ].flat();
        const excesses = [
          inFlight === undefined ? [] : [`more than ${inFlight} requests in flight`],
          delay === undefined ? [] : [`an event loop more than ${formatDuration(delay)} late`],
        ].flat();
        return {
          events: "samples",
          sentence: `Each process has room ${objective} % of the time: ${limits.join(" and ")}`,
          bad: `samples with ${excesses.join(" or ")}`,
          indicator: ({ names, job, id }) => {
            const conditions = [
              inFlight === undefined ? [] : [`(${names.inFlight}{${job}} > bool ${inFlight})`],
              delay === undefined ? [] : [`(${NAMES.metrics.eventLoopDelay}{${job}} > bool ${delay / 1000})`],
            ].flat();
            const series = `${NAMES.rules.saturated}{${id}}`;
            return {
              record: [{ name: NAMES.rules.saturated, expr: anyOf(conditions) }],
              bad: (window) => `sum(sum_over_time(${series}[${window}]))`,
              total: (window) => `sum(count_over_time(${series}[${window}]))`,
            };
          },
          measurement: (names) => ({
            by: "gauges",
            bounds: [
              inFlight === undefined ? [] : [{ metric: names.inFlight, most: inFlight }],
              delay === undefined ? [] : [{ metric: NAMES.metrics.eventLoopDelay, most: delay / 1000 }],
            ].flat(),
          }),
        };
      },
    },
    options,
  );
}

/** 1 for each process in which any condition holds; nothing for one that reports only some of them. */
function anyOf(conditions: readonly string[]): string {
  return `max by (instance) (${conditions.join(" + on (instance) ")}) > bool 0`;
}
