import type { Ops } from "../../config/ops.ts";
import { type GeneratedFile, headerLines, yamlFile } from "../file.ts";
import type { Timing } from "../timing.ts";
import { backupGroups } from "./backup.ts";
import { ruleGroups } from "./rules.ts";
import { prometheusConfig } from "./scrape.ts";

/** What Prometheus reads: 2.42, 2.53 and 3.5 load it alike. */
export function prometheus(ops: Ops, timing: Timing): GeneratedFile[] {
  const header = headerLines(ops.service, timing);
  return [
    yamlFile("prometheus/rules.yml", header, {
      groups: [...ruleGroups(ops.service, timing), ...backupGroups(ops, timing)],
    }),
    yamlFile("prometheus/prometheus.yml", header, prometheusConfig(ops, timing)),
  ];
}
