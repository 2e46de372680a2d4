import { formatDuration } from "@seakeep/contract";
import type { Ops } from "../../config/ops.ts";
import { type GeneratedFile, headerLines, yamlFile } from "../file.ts";
import type { Timing } from "../timing.ts";

/** The module of blackbox.yml that judges a health endpoint. */
export const PROBE_MODULE = "http_healthy";

/** What the blackbox exporter reads. */
export function blackbox(ops: Ops, timing: Timing): GeneratedFile[] {
  const https = ops.url.startsWith("https:");
  const config = {
    modules: {
      [PROBE_MODULE]: {
        prober: "http",
        timeout: formatDuration(timing.timeout),
        http: {
          method: "GET",
          // 200 and nothing else: a login page behind a redirect is not a healthy service.
          valid_status_codes: [200],
          follow_redirects: false,
          fail_if_not_ssl: https,
          fail_if_ssl: !https,
          ...(https ? { tls_config: { insecure_skip_verify: false, min_version: "TLS12" } } : {}),
          // Of a name that has both, since a service on an IPv4 loopback is not found on ::1.
          preferred_ip_protocol: "ip4",
          ip_protocol_fallback: true,
          body_size_limit: "1MB",
        },
      },
    },
  };
  return [yamlFile("blackbox/blackbox.yml", headerLines(ops.service, timing), config)];
}
