import type { Check } from "./check.ts";
import { health } from "./health/index.ts";
import { metricsGate } from "./metrics-gate/index.ts";
import { openapi } from "./openapi/index.ts";
import { problemShape } from "./problem-shape/index.ts";
import { tls } from "./tls/index.ts";

/**
 * The four checks of a post-deploy smoke test, for a service without a configuration; and of its certificate, where the
 * URL is https.
 *
 * @param schema path of its OpenAPI document; default: the usual places are tried
 */
export function defaultChecks(url: URL, schema?: string): Check[] {
  const four = [health(), metricsGate(), openapi(schema), problemShape()];
  return url.protocol === "https:" ? [...four, tls()] : four;
}
