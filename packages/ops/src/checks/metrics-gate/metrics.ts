import { type MetricNames, metricNames, NAMES, type Service } from "@seakeep/contract";
import { type Exposition, parseExposition } from "../../exposition/exposition.ts";
import { describe, isHtml } from "../content.ts";
import type { Findings } from "../findings.ts";
import type { Answer } from "../http.ts";
import { list, quote } from "../text.ts";
import { toldByMetrics } from "../version/told.ts";
import { judgeValues } from "./values.ts";

const TYPES = ["text/plain", "application/openmetrics-text"];

/** Judges an answer that must be the service's metrics: readable for Prometheus, and those that were declared. */
export function judgeMetrics(answer: Answer, service: Service | undefined, findings: Findings): void {
  if (isHtml(answer)) {
    findings.fail(
      "Where the metrics should be is a web page.",
      "Route the metrics path to the service itself.",
    );
    return;
  }
  if (!TYPES.includes(answer.mediaType)) {
    const fix = "Send it as text/plain; version=0.0.4: Prometheus 3 refuses other types.";
    findings.fail(`The metrics came as ${describe(answer)}.`, fix);
  }
  if (answer.text === undefined) {
    findings.fail("The metrics are not UTF-8 text.", "Escape label values as the exposition format says.");
    return;
  }
  const exposition = parseExposition(answer.text);
  if ("line" in exposition) {
    const fix = "Mend the exporter: Prometheus drops the whole scrape for it.";
    findings.fail(`Line ${exposition.line} of the metrics ${exposition.what}.`, fix);
    return;
  }
  if (exposition.count === 0) {
    const fix = "Look at what fills the registry: nothing is measured.";
    findings.fail("The metrics hold not one sample.", fix);
    return;
  }
  judgeValues(exposition, findings);
  judgeIdentity(exposition, toldByMetrics(answer), service, findings);
  if (service === undefined) {
    judgeUndeclared(exposition, findings);
  } else {
    const names = metricNames(service.naming);
    const missing = missingCollectors(exposition, names);
    if (missing.length > 0) {
      findings.fail(`The metrics lack ${list(missing)}.`, "Put observe() around the whole service.");
    } else {
      judgeEdges(exposition, names, service, findings);
    }
  }
}

/** The four collectors of a naming that an exposition does not have, or has as another type. */
function missingCollectors({ types, samples }: Exposition, names: MetricNames): string[] {
  const wanted = [
    { name: names.duration, type: "histogram", sample: `${names.duration}_count` },
    { name: names.requests, type: "counter", sample: names.requests },
    { name: names.serverErrors, type: "counter", sample: names.serverErrors },
    { name: names.inFlight, type: "gauge", sample: names.inFlight },
  ];
  return wanted
    .filter(({ name, type, sample }) => {
      const declared = types.get(name) ?? types.get(name.replace(/_total$/, ""));
      return declared === undefined ? samples(sample).length === 0 : declared !== type;
    })
    .map(({ name, type }) => `${name} (${type})`);
}

function judgeUndeclared(exposition: Exposition, findings: Findings): void {
  const complete = (["prometheus", "otel"] as const).some(
    (naming) => missingCollectors(exposition, metricNames(naming)).length === 0,
  );
  if (complete) return;
  findings.note(
    "The request metrics of Seakeep are not among them; without a declaration none are demanded.",
  );
}

/** A rule that asks for a bucket which is not there reads nothing, for ever and in silence. */
function judgeEdges(exposition: Exposition, names: MetricNames, service: Service, findings: Findings): void {
  const edges = new Set(
    exposition.samples(`${names.duration}_bucket`).map(({ labels }) => Number(labels.le)),
  );
  if (edges.size === 0) {
    const fix = "Send the service one request, then check again.";
    findings.unsure(
      `${names.duration} has recorded no request yet, so its bucket edges cannot be seen.`,
      fix,
    );
    return;
  }
  const missing = service.slos.flatMap((slo) => slo.edges).filter((edge) => !edges.has(edge));
  if (missing.length === 0) return;
  const fix = "Deploy the declaration that the rules were generated from, or generate them anew.";
  findings.fail(`${names.duration} has no bucket edge at ${list(missing.map((edge) => `${edge} s`))}.`, fix);
}

/** Which service, version and declaration answered. */
function judgeIdentity(
  { samples }: Exposition,
  versions: readonly string[],
  service: Service | undefined,
  findings: Findings,
): void {
  const infos = samples(NAMES.metrics.serviceInfo).map(({ labels }) => labels);
  if (versions.length > 0) findings.note(`Version ${list(versions.map(quote))} answered.`);
  if (service === undefined) return;
  if (infos.length === 0) {
    const fix = "Put observe(service) around the service.";
    findings.fail(`The metrics lack ${NAMES.metrics.serviceInfo}, so what is deployed cannot be known.`, fix);
    return;
  }
  for (const labels of infos) {
    const name = labels[NAMES.labels.service] ?? "";
    const hash = labels[NAMES.labels.declaration] ?? "";
    if (name !== service.name) {
      const fix = "Correct the URL, or the configuration that was used.";
      findings.fail(`The service that answered is ${quote(name)}, not ${quote(service.name)}.`, fix);
    } else if (hash !== service.hash) {
      const fix = "Deploy this declaration, or check with the one that is deployed.";
      findings.fail(`The deployed declaration is ${quote(hash)}, this one is ${quote(service.hash)}.`, fix);
    }
  }
}
