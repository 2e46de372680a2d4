import type { SignalsEdges } from "../declaration.ts";
import type { Signals, Span } from "../signals.ts";
import { longestGap, questions } from "../source.ts";
import { firingAlerts } from "./alerts.ts";
import { blocks, LONG_SPAN } from "./blocks.ts";
import { createClient } from "./client.ts";
import { rawSamples } from "./pieces.ts";
import type { PrometheusSettings } from "./settings.ts";

/** Reads signals from a Prometheus HTTP API. */
export async function openPrometheus(settings: PrometheusSettings, edges: SignalsEdges): Promise<Signals> {
  const { labels } = settings;
  const client = await createClient(settings, edges);
  const raw = rawSamples(client, labels);
  const bySample = questions(raw, longestGap(edges.scrapeInterval));
  const byBlock = blocks(client, raw, labels, edges.scrapeInterval);
  const of = ({ from, to }: Span) => (to.getTime() - from.getTime() > LONG_SPAN ? byBlock : bySample);
  return {
    kind: "prometheus",
    ...bySample,
    increase: (selector, span, signal) => of(span).increase(selector, span, signal),
    maximum: (selector, span, signal) => of(span).maximum(selector, span, signal),
    coverage: (selector, span, signal) => of(span).coverage(selector, span, signal),
    firing: (service, signal) => firingAlerts(client, service, labels, { now: edges.now(), signal }),
    close: async () => {},
  };
}
