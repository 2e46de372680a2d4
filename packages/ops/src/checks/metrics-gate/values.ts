import type { Exposition } from "../../exposition/exposition.ts";
import type { Findings } from "../findings.ts";
import { list } from "../text.ts";

/**
 * What no counter and no histogram can be: every rate and every quantile made of it would be wrong, in silence.
 *
 * @see https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md
 */
export function judgeValues(exposition: Exposition, findings: Findings): void {
  const wrong: string[] = [];
  for (const [name, type] of exposition.types) {
    if (type === "counter" && !isCounter(exposition, name))
      wrong.push(`${name} (a counter below zero, or no number)`);
    if (type === "histogram" && !isHistogram(exposition, name))
      wrong.push(`${name} (a bucket that holds less than a smaller one)`);
  }
  if (wrong.length === 0) return;
  findings.fail(`The metrics hold values that cannot be: ${list(wrong, 3)}.`, "Mend what records them.");
}

function isCounter({ samples }: Exposition, name: string): boolean {
  const all = [...samples(name), ...(name.endsWith("_total") ? [] : samples(`${name}_total`))];
  return all.every(({ value }) => value >= 0);
}

/**
 * Buckets are cumulative. That the last holds as many as were counted is not asked for: an exporter that writes while
 * it counts is right all the same.
 */
function isHistogram({ samples }: Exposition, name: string): boolean {
  const series = new Map<string, { edge: number; value: number }[]>();
  for (const { labels, value } of samples(`${name}_bucket`)) {
    const { le = "", ...own } = labels;
    const key = keyOf(own);
    const bucket = { edge: le === "+Inf" ? Infinity : Number(le), value };
    const others = series.get(key);
    if (others === undefined) series.set(key, [bucket]);
    else others.push(bucket);
  }
  return [...series.values()].every((buckets) => {
    const ordered = buckets.sort((a, b) => a.edge - b.edge);
    return ordered.every(({ value }, index) => value >= (ordered[index - 1]?.value ?? 0));
  });
}

function keyOf(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}
