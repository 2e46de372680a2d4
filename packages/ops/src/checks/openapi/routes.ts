import { formatRoute, NAMES, type Route } from "@seakeep/contract";
import { asObject } from "../content.ts";
import type { Findings } from "../findings.ts";
import { list, printable } from "../text.ts";
import type { Document } from "./document.ts";
import { type Operation, template } from "./operations.ts";

/** What the schema is compared with. */
export interface RouteScope {
  /** Empty: the declaration names no route, and nothing is compared. */
  readonly routes: readonly Route[];
  /** Paths that are about the service and not part of it: its metrics, its health, the schema itself. */
  readonly apart: readonly string[];
}

/** Declared routes must be in the schema and the schema's operations must be declared: each documents the other. */
export function judgeRoutes(
  document: Document,
  operations: readonly Operation[],
  { routes, apart }: RouteScope,
  findings: Findings,
): void {
  if (routes.length === 0) return;
  const aside = new Set([...Object.values(NAMES.paths), ...apart]);
  const prefixes = serverPaths(document);
  const described = operations.flatMap(({ method, path }) =>
    prefixes.map((prefix) => ({ method, template: template(prefix + path) })),
  );
  const declared = routes.map((route) => ({ ...route, template: template(route.template) }));

  const missing = routes.filter(
    (route, index) =>
      !aside.has(route.template) && !described.some((operation) => matches(declared[index]!, operation)),
  );
  if (missing.length > 0) {
    const fix = "Describe them, or take them out of the declaration's routes.";
    findings.fail(`The schema lacks declared routes: ${list(missing.map(formatRoute), 3)}.`, fix);
  }

  const unknown = operations.filter(
    ({ method, path }) =>
      !prefixes.some(
        (prefix) =>
          aside.has(prefix + path) ||
          declared.some((route) => matches(route, { method, template: template(prefix + path) })),
      ),
  );
  if (unknown.length > 0) {
    const shown = unknown.map(({ method, path }) => `${method} ${printable(path)}`);
    const fix = "Add them to the declaration's routes, or stop describing what is not served.";
    findings.fail(`The schema describes routes that are not declared: ${list(shown, 3)}.`, fix);
  }
}

function matches(route: Route, operation: { method: string; template: string }): boolean {
  return (
    route.template === operation.template && (route.method === undefined || route.method === operation.method)
  );
}

/** Paths of the servers that the schema names: `servers: [{ url: "/api/v1" }]` puts every path below it. */
export function serverPaths(document: Document): string[] {
  const servers = Array.isArray(document.servers) ? (document.servers as unknown[]) : [];
  const paths = servers.map((server) => {
    const url = asObject(server)?.url;
    if (typeof url !== "string" || !URL.canParse(url, "http://service.invalid")) return "";
    return new URL(url, "http://service.invalid").pathname.replace(/\/$/, "");
  });
  return [...new Set(["", ...paths])];
}
