import type { Route, Service } from "@seakeep/contract";

/** Routes that end at one place, by method; `""` takes every method. */
type Ends = Map<string, string>;

interface Node {
  readonly literals: Map<string, Node>;
  parameter: Node | undefined;
  readonly ends: Ends;
  /** Routes whose final `*` begins here. */
  readonly rest: Ends;
}

/** The template of the declared route that a request falls under. */
export type RouteMatcher = (method: string, path: string) => string | undefined;

/** Every route the declaration names: its own list and those of its SLOs. */
export function declaredRoutes(service: Service): readonly Route[] {
  return [...service.routes, ...service.slos.flatMap((slo) => slo.routes)];
}

/**
 * Matches concrete paths against declared routes, for servers without a router to ask. Literal segments win over
 * parameters, parameters over a final `*`; one trailing slash more or less still matches; HEAD falls under GET.
 */
export function routeMatcher(routes: readonly Route[]): RouteMatcher {
  const root = newNode();
  for (const route of routes) insert(root, route);
  return (method, path) => {
    if (!path.startsWith("/")) return undefined;
    const end = path.endsWith("/") ? path.length - 1 : path.length;
    return (
      find(root, path, 1, end, method) ?? (method === "HEAD" ? find(root, path, 1, end, "GET") : undefined)
    );
  };
}

function newNode(): Node {
  return { literals: new Map(), parameter: undefined, ends: new Map(), rest: new Map() };
}

function insert(root: Node, { method = "", template }: Route): void {
  let node = root;
  for (const segment of template.split("/").filter((text) => text !== "")) {
    if (segment === "*") {
      if (!node.rest.has(method)) node.rest.set(method, template);
      return;
    }
    if (segment.startsWith(":")) {
      node.parameter ??= newNode();
      node = node.parameter;
      continue;
    }
    let next = node.literals.get(segment);
    if (next === undefined) {
      next = newNode();
      node.literals.set(segment, next);
    }
    node = next;
  }
  if (!node.ends.has(method)) node.ends.set(method, template);
}

/** Matches what is left of a path: the segments from `start` to `end`. As deep as the routes are, not the path. */
function find(node: Node, path: string, start: number, end: number, method: string): string | undefined {
  if (start >= end) return under(node.ends, method) ?? under(node.rest, method);
  const slash = path.indexOf("/", start);
  const stop = slash === -1 || slash > end ? end : slash;
  // An empty segment is no parameter value, and no literal is empty.
  if (stop > start) {
    const literal = node.literals.get(path.slice(start, stop));
    const found = literal === undefined ? undefined : find(literal, path, stop + 1, end, method);
    if (found !== undefined) return found;
    const { parameter } = node;
    const taken = parameter === undefined ? undefined : find(parameter, path, stop + 1, end, method);
    if (taken !== undefined) return taken;
  }
  return under(node.rest, method);
}

function under(ends: Ends, method: string): string | undefined {
  return ends.size === 0 ? undefined : (ends.get(method) ?? ends.get(""));
}
