import { formatDuration, NAMES } from "@seakeep/contract";
import { type Ops, secretFile } from "../../config/ops.ts";
import { PROBE_MODULE } from "../blackbox/index.ts";
import type { Timing } from "../timing.ts";
import { probeJobName, probePaths } from "./jobs.ts";

/** prometheus.yml: what is scraped, which rules are evaluated, who is told. */
export function prometheusConfig(ops: Ops, timing: Timing): unknown {
  const { prometheus } = ops;
  return {
    global: {
      scrape_interval: formatDuration(timing.scrape),
      scrape_timeout: formatDuration(timing.timeout),
      evaluation_interval: formatDuration(timing.fast),
      ...(Object.keys(prometheus.externalLabels).length === 0
        ? {}
        : { external_labels: prometheus.externalLabels }),
    },
    alerting: { alertmanagers: [{ static_configs: [{ targets: prometheus.alertmanagers }] }] },
    rule_files: ["rules.yml"],
    scrape_configs: [serviceJob(ops), ...probeJob(ops)],
  };
}

function serviceJob({ service, url, metrics, prometheus, secrets }: Ops): unknown {
  return {
    job_name: service.name,
    // A service must not name its own job or instance.
    honor_labels: false,
    scheme: schemeOf(url),
    metrics_path: metrics.path,
    ...(metrics.token === undefined
      ? {}
      : { authorization: { credentials_file: secretFile(metrics.token, secrets) } }),
    static_configs: [{ targets: prometheus.targets }],
  };
}

function probeJob({ service, url, prometheus }: Ops): unknown[] {
  const paths = probePaths(service);
  if (paths.length === 0) return [];
  return [
    {
      job_name: probeJobName(service),
      metrics_path: "/probe",
      params: { module: [PROBE_MODULE] },
      static_configs: paths.map((path) => ({
        targets: [`${url}${path}`],
        labels: { [NAMES.labels.probe]: path },
      })),
      relabel_configs: [
        { source_labels: ["__address__"], target_label: "__param_target" },
        { source_labels: ["__param_target"], target_label: "instance" },
        { target_label: "__address__", replacement: prometheus.blackbox },
      ],
    },
  ];
}

function schemeOf(url: string): string {
  return new URL(url).protocol.replace(":", "");
}
