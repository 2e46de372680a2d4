import { NAMES } from "@seakeep/contract";
import { asObject, parseJson } from "../content.ts";
import type { Answer } from "../http.ts";

/**
 * The version that a health report names: `releaseId` where there is one, else `version`.
 *
 * @see https://datatracker.ietf.org/doc/html/draft-inadarei-api-health-check-06#section-3.3
 */
export function toldByHealth(answer: Answer): readonly string[] {
  const report = asObject(parseJson(answer.text ?? "")?.value);
  const told = report?.releaseId ?? report?.[NAMES.health.version];
  return typeof told === "string" && told !== "" ? [told] : [];
}

const INFO = new RegExp(`^${NAMES.metrics.serviceInfo}\\{([^\\n]{0,2000})\\} 1`, "gm");
const VERSION = new RegExp(`(?:^|,)${NAMES.labels.version}="((?:[^"\\\\]|\\\\.)*)"`);

/** The versions that metrics name: one, unless they are those of several processes. */
export function toldByMetrics({ text = "" }: Answer): readonly string[] {
  const infos = [...text.matchAll(INFO)].map(([, labels = ""]) => VERSION.exec(labels)?.[1] ?? "");
  const told = new Set(infos.filter((version) => version !== "" && version !== NAMES.values.unknownVersion));
  return [...told].map((version) => version.replace(/\\(["\\])/g, "$1"));
}
