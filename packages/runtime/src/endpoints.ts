import type { Health } from "./health.ts";
import { type Endpoint, healthOf, live, noSuchCheck, oneCheck, ready } from "./health-endpoints.ts";
import type { Metrics } from "./metrics/index.ts";
import { metricsEndpoint, type Notice } from "./metrics-endpoint.ts";
import type { Settings } from "./options.ts";

/** Seakeep's own endpoints by path: they win over the application's routes of the same path. */
export function ownEndpoints(
  settings: Settings<never>,
  metrics: Metrics,
  health: Health,
  draining: () => boolean,
  notice: Notice,
): (path: string) => Endpoint | undefined {
  const { paths } = settings;
  const endpoints = new Map<string, Endpoint>();
  const add = (path: string | false, endpoint: Endpoint) => {
    if (path !== false) endpoints.set(path, getOnly(endpoint));
  };
  endpoints.set(settings.metrics.path, metricsEndpoint(metrics, settings, notice));
  add(paths.live, live);
  add(paths.ready, ready(health, draining));
  add(paths.health, healthOf(health, settings.release));
  if (paths.health === false) return (path) => endpoints.get(path);
  for (const name of health.names) add(`${paths.health}/${name}`, oneCheck(health, name));
  const children = `${paths.health}/`;
  const missing = getOnly(noSuchCheck);
  return (path) => endpoints.get(path) ?? (path.startsWith(children) ? missing : undefined);
}

/** RFC 9110, section 15.5.6. */
function getOnly(endpoint: Endpoint): Endpoint {
  return (req, res) => {
    if (req.method === "GET" || req.method === "HEAD") return endpoint(req, res);
    res.writeHead(405, { allow: "GET, HEAD", "content-length": 0 });
    res.end();
  };
}
