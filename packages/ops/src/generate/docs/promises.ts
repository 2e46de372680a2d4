import { formatRoute, type Service, type Slo } from "@seakeep/contract";
import type { Timing } from "../timing.ts";
import { code, escaped, inWords, table } from "./words.ts";

/** What is promised, and how much of it may fail. */
export function promises({ slos }: Service, timing: Timing): string {
  return `## What is promised

${table(
  ["SLO", "Promise", "May fail"],
  slos.map((slo) => [`[${slo.name}](#${slo.name})`, escaped(slo.sentence), mayFail(slo, timing)]),
)}

What may fail is the error budget of ${inWords(timing.period)}. It is there to be spent: on releases, on experiments, on bad luck.
`;
}

/** The budget as something one can picture: requests of a million, or minutes of the period. */
export function mayFail({ events, budget }: Slo, { period }: Timing): string {
  return events === "requests"
    ? `${Math.round(budget * 1e6).toLocaleString("en-US")} of a million requests`
    : `${inWords(budget * period)} of ${inWords(period)}`;
}

/** Which events an SLO judges, in a sentence. */
export function judged({ events, routes, except, probe }: Slo): string {
  const list = (all: readonly (typeof routes)[number][]) =>
    all.map((route) => code(formatRoute(route))).join(", ");
  if (probe !== undefined) return `Judged: every request of the black-box probe to ${code(probe)}.`;
  if (routes.length > 0) return `Judged: ${events} of ${list(routes)}.`;
  if (except.length > 0)
    return `Judged: all ${events} but those of ${list(except)}, which have an SLO of their own.`;
  return `Judged: all ${events}.`;
}
