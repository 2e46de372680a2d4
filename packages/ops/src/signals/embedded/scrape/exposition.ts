import { parseExposition } from "../../../exposition/exposition.ts";
import type { ScrapedSample, TargetIdentity } from "../samples.ts";

/** What one scrape may bring; a whole scrape that brings more is refused, as Prometheus' `sample_limit` does. */
const MOST = { series: 20_000, labels: 32, name: 200, value: 1024 };

/** Labels that say where a series is from. Those that the target writes itself are renamed, as Prometheus does. */
const OWN = ["job", "instance"];

/** The samples of an exposition, or why it is refused. */
export function readExposition(text: string, target: TargetIdentity): ScrapedSample[] | string {
  const exposition = parseExposition(text);
  if ("line" in exposition) return `line ${exposition.line} ${exposition.what}`;
  if (exposition.count > MOST.series) return `it has ${exposition.count} series, more than ${MOST.series}`;
  const samples: ScrapedSample[] = [];
  const taken = [...OWN, ...Object.keys(target.labels ?? {})];
  for (const metric of exposition.names()) {
    if (metric.length > MOST.name) return `a name has more than ${MOST.name} characters`;
    for (const { labels: written, value } of exposition.samples(metric)) {
      const entries = Object.entries(written);
      if (entries.length > MOST.labels) return `a series has more than ${MOST.labels} labels`;
      const labels: Record<string, string> = {};
      for (const [name, text] of entries) {
        if (name.length > MOST.name || text.length > MOST.value) {
          return `a label has more than ${MOST.value} characters`;
        }
        // An empty label is no label.
        if (text !== "") labels[taken.includes(name) ? `exported_${name}` : name] = text;
      }
      samples.push({ metric, labels, value });
    }
  }
  return samples;
}
