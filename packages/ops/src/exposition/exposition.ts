/** One line of an exposition. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What a scraper would read. */
export interface Exposition {
  /** Types by name, as declared; OpenMetrics names counters without `_total`. */
  readonly types: ReadonlyMap<string, string>;
  readonly count: number;
  /** The samples of one name. */
  readonly samples: (name: string) => Sample[];
  /** Every name that has samples. */
  readonly names: () => Iterable<string>;
}

/** The first line that is not exposition format, counted from one. */
export interface ExpositionFault {
  readonly line: number;
  readonly what: string;
}

/** Metric lines can be long; one this long only tries the parser. */
const LONGEST_LINE = 65_536;

const LABELS = String.raw`\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\}`;
const SAMPLE = new RegExp(
  String.raw`^([a-zA-Z_:][a-zA-Z0-9_:]*)(${LABELS})?[ \t]+(\S+)(?:[ \t]+-?[\d.]+)?(?:[ \t]+#.*)?[ \t]*$`,
);
const LABEL = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,|$)/y;
const TYPE = /^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (\w+)$/;

/**
 * Reads the Prometheus text format 0.0.4 and OpenMetrics, as strictly as a scrape does: a malformed line or a series
 * that is there twice spoils all of it.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function parseExposition(text: string): Exposition | ExpositionFault {
  const types = new Map<string, string>();
  const byName = new Map<string, { labels: string; value: number }[]>();
  const seen = new Set<string>();
  let number = 0;
  for (const line of text.split("\n")) {
    number += 1;
    if (line.trim() === "") continue;
    if (line.startsWith("#")) {
      const [, name, type] = TYPE.exec(line) ?? [];
      if (name !== undefined && type !== undefined) types.set(name, type);
      continue;
    }
    if (line.length > LONGEST_LINE) return { line: number, what: "is longer than 64 KiB" };
    const [, name, labels = "", value] = SAMPLE.exec(line) ?? [];
    const parsed = toNumber(value);
    if (name === undefined || parsed === undefined) return { line: number, what: "is not a sample" };
    const series = name + labels;
    if (seen.has(series)) return { line: number, what: "repeats a series" };
    seen.add(series);
    const group = byName.get(name);
    if (group === undefined) byName.set(name, [{ labels, value: parsed }]);
    else group.push({ labels, value: parsed });
  }
  return {
    types,
    count: seen.size,
    samples: (name) =>
      (byName.get(name) ?? []).map(({ labels, value }) => ({ name, value, labels: parseLabels(labels) })),
    names: () => byName.keys(),
  };
}

function toNumber(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[+-]?Inf$/i.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  if (text === "NaN") return Number.NaN;
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;
}

function parseLabels(block: string): Record<string, string> {
  const inner = block.slice(1, -1);
  const labels: Record<string, string> = Object.create(null) as Record<string, string>;
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < inner.length) {
    const [, name, value] = LABEL.exec(inner) ?? [];
    if (name === undefined || value === undefined) break;
    labels[name] = value.replace(/\\(.)/g, (_escape, character: string) =>
      character === "n" ? "\n" : character,
    );
  }
  return labels;
}
