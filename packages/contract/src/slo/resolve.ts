import type { Problems } from "../problems.ts";
import { formatRoute, parseRoute, type Route } from "../routes.ts";
import { formatDuration } from "../units.ts";
import type { SloDeclaration, SloScope } from "./declare.ts";
import type { Slo } from "./slo.ts";

/** True for what a kind function returns, also that of another copy of this package. */
export function isSloDeclaration(value: unknown): value is SloDeclaration {
  if (typeof value !== "object" || value === null) return false;
  const { kind, resolve } = value as Partial<SloDeclaration>;
  return typeof kind === "string" && typeof resolve === "function";
}

/** Checks the SLOs of a service one by one and against each other. Anything in the list that is no SLO is passed by. */
export function resolveSlos(
  list: readonly unknown[],
  scope: Omit<SloScope, "claimed">,
  problems: Problems,
): Slo[] {
  const claimed = (kind: string) => list.filter(isSloDeclaration).flatMap((slo) => claims(slo, kind));
  const accepted: { slo: Slo; path: string }[] = [];
  for (const [index, declared] of list.entries()) {
    if (!isSloDeclaration(declared)) continue;
    const path = `slos[${index}]`;
    const slo = resolveOne(declared, { ...scope, claimed }, path, problems);
    if (slo === undefined) continue;
    const twin = accepted.find(({ slo: earlier }) => promise(earlier) === promise(slo));
    const namesake = accepted.find(({ slo: earlier }) => earlier.name === slo.name);
    if (twin !== undefined) {
      problems.add(path, slo.sentence, "each promise once", `Remove it: ${twin.path} says the same.`);
    } else if (namesake !== undefined) {
      const names = accepted.map(({ slo: earlier }) => earlier.name);
      const fix = `Add name: "${freeName(slo, names)}", or another: ${namesake.path} is called "${slo.name}".`;
      problems.add(`${path}.name`, slo.name, "a name no other SLO has", fix);
    }
    accepted.push({ slo, path });
  }
  return accepted.map(({ slo }) => slo);
}

/** An SLO of another copy of this package, or of somebody's own kind, may do anything: it is held to the shape. */
function resolveOne(
  declared: SloDeclaration,
  scope: SloScope,
  path: string,
  problems: Problems,
): Slo | undefined {
  const before = problems.list.length;
  try {
    const slo = declared.resolve(scope, path, problems);
    if (isSlo(slo)) return slo;
    if (problems.list.length > before) return undefined;
  } catch {
    // Its own message may hold anything, so it is not repeated.
  }
  problems.report({
    path,
    got: "an SLO that cannot be resolved",
    wanted: "an SLO of one of the kinds",
    fix: "Make it with availability(), errors(), latency() or saturation().",
  });
  return undefined;
}

function isSlo(value: Slo | undefined): value is Slo {
  if (typeof value !== "object" || value === null) return false;
  const { name, sentence, objective, budget, routes, edges, indicator, measurement } = value;
  return (
    [name, sentence].every((text) => typeof text === "string") &&
    [objective, budget].every((amount) => typeof amount === "number") &&
    [routes, edges].every((list) => Array.isArray(list)) &&
    typeof indicator === "function" &&
    typeof measurement === "function"
  );
}

function claims(declared: SloDeclaration, kind: string): Route[] {
  const routes = declared.kind === kind ? declared.routes : undefined;
  if (!Array.isArray(routes)) return [];
  return routes.flatMap((text) => (typeof text === "string" ? (parseRoute(text) ?? []) : []));
}

/** What an SLO promises, whatever it is called and whomever it wakes. */
function promise({ kind, sentence, routes }: Slo): string {
  return JSON.stringify([kind, sentence, routes.map(formatRoute).sort()]);
}

/** `latency-2s`, `errors-99-5`: what sets an SLO apart from its namesake, as a name that is still free. */
function freeName({ name, edges: [edge], objective }: Slo, taken: readonly string[]): string {
  const share = String(objective).replace(".", "-");
  const threshold = edge === undefined ? [] : [formatDuration(Math.round(edge * 1000))];
  const suffixes = [...threshold, share, [...threshold, share].join("-")];
  const candidates = suffixes
    .filter((suffix) => !name.endsWith(`-${suffix}`))
    .map((suffix) => `${name}-${suffix}`);
  return candidates.find((candidate) => !taken.includes(candidate)) ?? `${name}-${taken.length + 1}`;
}
