import type { IncomingMessage } from "node:http";
import { METHODS, type Route } from "@seakeep/contract";

type Pattern = string | RegExp;
type Patterns = Pattern | readonly Pattern[];

/** What is read of Express's router; `rawPath` and the result of `match` are there from router 2.3 on. */
interface Layer {
  readonly name: string;
  /** True for a mount at `/`, which takes nothing off the path. */
  readonly slash: boolean;
  readonly rawPath?: Patterns;
  readonly route?: ExpressRoute;
  readonly handle: { readonly stack?: unknown; readonly router?: { readonly stack?: unknown } };
  match(path: string): unknown;
}

interface ExpressRoute {
  readonly path: Patterns;
  readonly methods: Readonly<Record<string, boolean | undefined>>;
}

interface Application {
  readonly router: { readonly stack: readonly Layer[] };
  readonly parent?: Application;
}

/** A request that Express has seen. */
export type Routed = IncomingMessage & { readonly route?: ExpressRoute; readonly app?: Application };

/** The layers that lead to a route, outermost first. */
type Chain = readonly Layer[];

interface Known {
  readonly chains: readonly Chain[];
  /** The template, when it is the same however the route is reached. */
  readonly fixed: string | undefined;
}

/** Sub-applications within sub-applications; beyond this it is a cycle. */
const DEEPEST = 16;

/**
 * Finds the template of a request's route with the *patterns* of the routers it is mounted in.
 *
 * Express keeps only what the mounts matched (`req.baseUrl` is `/orgs/acme`), which would make a series of each
 * customer. So the tree of routers is read once, and a route looked up by identity. A router mounted in several places
 * is told apart by matching the path with the router's own matchers. What cannot be known gives `undefined`.
 */
export class RouteIndex {
  readonly #declared: ReadonlyMap<string, string>;
  readonly #found: (routes: readonly Route[]) => void;
  readonly #known = new WeakMap<ExpressRoute, Known>();
  /** Routes not found below an application: a router called by hand. Not to be searched for each time. */
  readonly #missed = new WeakMap<Application, WeakSet<ExpressRoute>>();
  /** The application that uses the observer. A route's own may be one that a router mounted, which has no parent. */
  root: Application | undefined;

  /** @param found told of routes as they become known */
  constructor(declared: readonly Route[], found: (routes: readonly Route[]) => void) {
    this.#declared = new Map(declared.map(({ template }) => [bare(template), template]));
    this.#found = found;
  }

  templateOf({ route, app }: Routed, path: string): string | undefined {
    if (route === undefined || app === undefined) return undefined;
    const known = this.#known.get(route) ?? this.#search(route, app);
    if (known === undefined) return undefined;
    if (known.fixed !== undefined) return known.fixed;
    for (const chain of known.chains) {
      const template = follow(chain, path);
      if (template !== undefined) return this.#spelled(template);
    }
    return undefined;
  }

  #search(route: ExpressRoute, app: Application): Known | undefined {
    let missed = this.#missed.get(app);
    if (missed?.has(route)) return undefined;
    if (this.root !== undefined) this.#read(this.root);
    if (!this.#known.has(route) && app.parent !== undefined) this.#read(app);
    const known = this.#known.get(route);
    if (known !== undefined) return known;
    if (missed === undefined) {
      missed = new WeakSet();
      this.#missed.set(app, missed);
    }
    missed.add(route);
    return undefined;
  }

  #read(app: Application): void {
    const reached = new Map<ExpressRoute, Chain[]>();
    for (const chain of chainsTo(app)) walk(app.router.stack, chain, reached, []);
    for (const [route, chains] of reached) {
      const template = chains.length === 1 ? fixedTemplate(chains[0]!) : undefined;
      const fixed = template === undefined ? undefined : this.#spelled(template);
      this.#known.set(route, { chains, fixed });
      if (fixed !== undefined) this.#found(methodsOf(route).map((method) => ({ method, template: fixed })));
    }
  }

  /** A mounted `/` and its declared route may differ by the slash at the end: then the declared spelling holds. */
  #spelled(template: string): string {
    return this.#declared.get(bare(template)) ?? template;
  }
}

function bare(template: string): string {
  return template.length > 1 && template.endsWith("/") ? template.slice(0, -1) : template;
}

function methodsOf(route: ExpressRoute): string[] {
  const named = Object.keys(route.methods).map((method) => method.toUpperCase());
  return named.filter((method) => METHODS.includes(method));
}

/** The layers under which an application is mounted in its parents; one empty chain for the outermost. */
function chainsTo(app: Application, depth = 0): Chain[] {
  if (app.parent === undefined || depth > DEEPEST) return [[]];
  // Express wraps a mounted application in a function that hides it, so each wrapper is a candidate; the path tells.
  const mounts: Chain[] = [];
  for (const chain of chainsTo(app.parent, depth + 1))
    walk(app.parent.router.stack, chain, new Map(), mounts);
  return mounts;
}

function walk(
  stack: readonly Layer[],
  chain: Chain,
  reached: Map<ExpressRoute, Chain[]>,
  mounts: Chain[],
): void {
  if (chain.length > DEEPEST) return;
  for (const layer of stack) {
    const here = [...chain, layer];
    if (layer.route !== undefined) {
      const chains = reached.get(layer.route);
      if (chains === undefined) reached.set(layer.route, [here]);
      else chains.push(here);
      continue;
    }
    if (layer.name === "mounted_app") mounts.push(here);
    const inner = layer.handle.stack ?? layer.handle.router?.stack;
    if (Array.isArray(inner)) walk(inner, here, reached, mounts);
  }
}

function patternsOf(layer: Layer): Patterns | undefined {
  return layer.slash ? "/" : (layer.rawPath ?? layer.route?.path);
}

function fixedTemplate(chain: Chain): string | undefined {
  let template = "";
  for (const layer of chain) {
    const pattern = patternsOf(layer);
    if (typeof pattern !== "string" && !(pattern instanceof RegExp)) return undefined;
    template = join(template, pattern);
  }
  return template;
}

function follow(chain: Chain, path: string): string | undefined {
  let rest = path;
  let template = "";
  for (const layer of chain) {
    const match = matchOf(layer, rest);
    if (match === undefined) return undefined;
    template = join(template, match.pattern);
    rest = rest.slice(match.path.length);
    if (!rest.startsWith("/")) rest = `/${rest}`;
  }
  return template;
}

function matchOf(layer: Layer, path: string): { path: string; pattern: Pattern } | undefined {
  let match: unknown;
  try {
    match = layer.match(path);
  } catch {
    // A malformed escape: Express answers 400 for it.
    return undefined;
  }
  const { path: matched, pattern } = (match || {}) as { path?: string; pattern?: Pattern };
  return matched === undefined || pattern === undefined ? undefined : { path: matched, pattern };
}

function join(prefix: string, pattern: Pattern): string {
  const tail = String(pattern);
  if (tail === "/" && prefix !== "") return prefix;
  return bare(prefix) === "/" ? tail : bare(prefix) + tail;
}
