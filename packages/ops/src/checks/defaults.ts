import type { Check } from "./check.ts";
import { health } from "./health/index.ts";
import { metricsGate } from "./metrics-gate/index.ts";
import { openapi } from "./openapi/index.ts";
import { problemShape } from "./problem-shape/index.ts";

/**
 * The four checks of a post-deploy smoke test, for a service without a configuration.
 *
 * @param schema path of its OpenAPI document; default: the usual places are tried
 */
export function defaultChecks(schema?: string): Check[] {
  return [health(), metricsGate(), openapi(schema), problemShape()];
}
