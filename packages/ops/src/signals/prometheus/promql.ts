import { quote } from "@seakeep/contract";
import type { Selector } from "../signals.ts";

/** A PromQL selector: `http_requests_total{job="courses-api",instance=~"a:1|b:1"}`. */
export function selectorText(
  { metric, labels = {} }: Selector,
  fixed: Readonly<Record<string, string>>,
): string {
  const matchers = Object.entries({ ...fixed, ...labels }).map(([name, value]) =>
    typeof value === "string"
      ? `${name}=${quote(value)}`
      : `${name}=~${quote(value.map(escapeRegex).join("|"))}`,
  );
  return `${metric}{${matchers.join(",")}}`;
}

function escapeRegex(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
