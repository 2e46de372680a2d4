/** `text` is the Prometheus text format 0.0.4, `openmetrics` OpenMetrics 1.0.0. */
export type Format = "text" | "openmetrics";

export const CONTENT_TYPE: Readonly<Record<Format, string>> = {
  text: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

/** What ends a document: OpenMetrics tells a whole answer from a cut one. */
export const END: Readonly<Record<Format, string>> = { text: "", openmetrics: "# EOF\n" };

export interface Family {
  /** Name of its samples; of a histogram, their common beginning. */
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram" | "info";
  readonly help: string;
}

/** The lines that open a family. OpenMetrics names a counter's family without `_total` and an info's without `_info`. */
export function header({ name, type, help }: Family, format: Format): string {
  if (format === "text") {
    return `# HELP ${name} ${help}\n# TYPE ${name} ${type === "info" ? "gauge" : type}\n`;
  }
  const family = name.replace(/_(total|info)$/, "");
  const unit = family.endsWith("_seconds") ? `# UNIT ${family} seconds\n` : "";
  return `# HELP ${family} ${help}\n# TYPE ${family} ${type}\n${unit}`;
}

/** One `name="value"` pair, escaped; both formats escape alike. */
export function label(name: string, value: string): string {
  return `${name}="${value.replace(/[\\"\n]/g, (found) => (found === "\n" ? "\\n" : `\\${found}`))}"`;
}

/** The `le` value of an edge. OpenMetrics wants whole numbers as floats. */
export function edgeText(edge: number, format: Format): string {
  return format === "openmetrics" && Number.isInteger(edge) ? `${edge}.0` : `${edge}`;
}
