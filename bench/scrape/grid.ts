import { get, type WireRequest } from "../harness/load.ts";
import { EDGES } from "../requests/service.ts";

/** With these, Seakeep and prom-client have exactly the same series: Seakeep shows these four errors from the start. */
const STATUSES = [200, 201, 400, 404, 500, 502, 503, 504] as const;

/** A histogram has a bucket for each edge, `+Inf`, `_sum` and `_count`; then the request counter. */
const SERIES_A_STATUS = EDGES.length + 4;
const SERIES_A_ROUTE = SERIES_A_STATUS * STATUSES.length + STATUSES.filter((status) => status >= 500).length;

/** How many routes make at least so many series. */
export function routeCount(series: number): number {
  return Math.ceil(series / SERIES_A_ROUTE);
}

export function routes(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `/route-${index}`);
}

/** One request for every route and status. */
export function requestsFor(count: number): WireRequest[] {
  return routes(count).flatMap((path) => STATUSES.map((status) => get(`${path}?status=${status}`, status)));
}
