import { NAMES } from "@seakeep/contract";
import type { FiringAlert } from "../signals.ts";
import { seriesKey } from "../source.ts";
import type { Client } from "./client.ts";
import { selectorText } from "./promql.ts";

/** How long ago a rule may have been evaluated last, to count as evaluated: three of the longest usual intervals. */
const RECENT = "15m";

/**
 * The alerts that fire, from the series that rules leave behind, which every server and every ruler has. No such series
 * may mean that nothing fires, or that nobody evaluates rules: Seakeep's own constant rules tell the two apart.
 */
export async function firingAlerts(
  client: Client,
  service: string,
  fixed: Readonly<Record<string, string>>,
  { now, signal }: { now: number; signal: AbortSignal | undefined },
): Promise<readonly FiringAlert[] | undefined> {
  const select = (metric: string, labels: Record<string, string> = {}) =>
    selectorText({ metric, labels: { [NAMES.rules.service]: service, ...labels } }, fixed);
  const firing = await client.query(select("ALERTS", { alertstate: "firing" }), now, signal);
  if (firing.length === 0) {
    const evidence = `last_over_time(${select(NAMES.rules.objective)}[${RECENT}])`;
    return (await client.query(evidence, now, signal)).length === 0 ? undefined : [];
  }
  const since = new Map(
    (await client.query(select("ALERTS_FOR_STATE"), now, signal)).map(({ labels, values }) => [
      seriesKey(labels),
      values[0],
    ]),
  );
  return firing.map(({ labels: { alertstate: _, ...labels }, times }) => {
    const { alertname: name = "", ...own } = labels;
    const began = since.get(seriesKey(labels));
    return { name, labels: own, since: new Date(Number.isFinite(began) ? began! * 1000 : times[0]!) };
  });
}
