import type { Text } from "../../config/values.ts";
import type { SignalsDeclaration } from "../declaration.ts";
import { type PrometheusOptions, resolveSettings } from "./settings.ts";

export type { PrometheusOptions } from "./settings.ts";

/**
 * Signals from Prometheus, or from anything that speaks its HTTP API: VictoriaMetrics, Mimir, Thanos.
 *
 * @param url base URL, below which `api/v1/query` is: for Mimir `https://host/prometheus`
 * @example
 * defineOps({ service, url, signals: prometheus(env("PROMETHEUS_URL"), { token: secret("PROMETHEUS_TOKEN") }) });
 */
export function prometheus(url: Text, options: PrometheusOptions = {}): SignalsDeclaration {
  return {
    kind: "prometheus",
    resolve(scope) {
      const settings = resolveSettings(url, options, scope);
      return (
        settings && {
          kind: "prometheus",
          where: settings.url,
          open: async (edges) => (await import("./open.ts")).openPrometheus(settings, edges),
        }
      );
    },
  };
}
