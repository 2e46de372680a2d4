import type { Route, Service } from "@seakeep/contract";

interface Node {
  readonly literals: Map<string, Node>;
  parameter?: Node;
  /** Routes that end here, by method; `""` takes every method. */
  readonly ends: Map<string, string>;
  /** Routes whose final `*` begins here, by method. */
  readonly rest: Map<string, string>;
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
    const segments = segmentsOf(path);
    return (
      find(root, segments, 0, method) ?? (method === "HEAD" ? find(root, segments, 0, "GET") : undefined)
    );
  };
}

function newNode(): Node {
  return { literals: new Map(), ends: new Map(), rest: new Map() };
}

/** Deeper than any declared route; what follows can only fall under a `*`. */
const DEEPEST = 64;

function segmentsOf(path: string): string[] {
  const segments = path.split("/", DEEPEST);
  segments.shift();
  if (segments.at(-1) === "") segments.pop();
  return segments;
}

function insert(root: Node, { method = "", template }: Route): void {
  let node = root;
  for (const segment of segmentsOf(template)) {
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

function find(node: Node, segments: readonly string[], depth: number, method: string): string | undefined {
  const rest = () => node.rest.get(method) ?? node.rest.get("");
  if (depth === segments.length) return node.ends.get(method) ?? node.ends.get("") ?? rest();
  const segment = segments[depth]!;
  const literal = node.literals.get(segment);
  const found = literal === undefined ? undefined : find(literal, segments, depth + 1, method);
  if (found !== undefined) return found;
  const parameter = node.parameter;
  // An empty segment is no parameter value.
  const under =
    parameter === undefined || segment === "" ? undefined : find(parameter, segments, depth + 1, method);
  return under ?? rest();
}
