import { periodDivides } from "./budget.ts";
import { NAMES } from "./names.ts";
import { nearest } from "./nearest.ts";
import type { Problems } from "./problems.ts";
import { formatRoute, mayBegin, parseRoute, type Route } from "./routes.ts";
import { milliseconds } from "./units.ts";

// What each field of a service must make sense as, once its shape is right. Each function looks at its field alone,
// so that one mistake hides no other.

export function checkName(name: string, problems: Problems): void {
  if (!name.endsWith(NAMES.jobs.probeSuffix)) return;
  const fix = `The job that probes a service is called <name>${NAMES.jobs.probeSuffix}: that of another service would take this name.`;
  problems.add("name", name, `a name that does not end in "${NAMES.jobs.probeSuffix}"`, fix);
}

const DEFAULT_WINDOW = "30d";
const DAY = 86_400_000;

export function resolveWindow(written: string | undefined, problems: Problems): number {
  const window = milliseconds(written ?? DEFAULT_WINDOW)!;
  const fits = window % DAY === 0 && window >= 7 * DAY && window <= 90 * DAY && periodDivides(window);
  if (fits) return window;
  problems.add(
    "window",
    written,
    "7d, 14d, 21d, or whole days from 28d to 90d",
    "The burn-rate windows are cut from it and must come out in whole seconds. The usual choice is 30d, or 28d " +
      "for whole weeks.",
  );
  return milliseconds(DEFAULT_WINDOW)!;
}

export function resolveRoutes(written: readonly string[], problems: Problems): Route[] {
  const seen = new Map<string, number>();
  return written.flatMap((text, index) => {
    const route = parseRoute(text);
    if (route === undefined) {
      const fix = 'Write it like "GET /api/v1/courses/:id/", as the router knows it.';
      problems.add(`routes[${index}]`, text, '"METHOD /path" or "/path"', fix);
      return [];
    }
    const first = seen.get(formatRoute(route));
    if (first !== undefined) {
      problems.add(
        `routes[${index}]`,
        text,
        "each route once",
        `Remove it: it stands at routes[${first}] already.`,
      );
    }
    seen.set(formatRoute(route), index);
    return [route];
  });
}

export function checkSensitive(
  prefixes: readonly string[],
  routes: readonly Route[],
  problems: Problems,
): void {
  for (const [index, prefix] of prefixes.entries()) {
    const path = `audit.sensitive[${index}]`;
    const parameter = prefix.search(/[:*]/);
    if (parameter >= 0) {
      const fix = `It is compared with the path as sent. Cut it before the parameter: "${prefix.slice(0, parameter)}".`;
      problems.add(path, prefix, "a path prefix without parameters", fix);
    } else if (routes.length > 0 && !routes.some(({ template }) => mayBegin(template, prefix))) {
      const near = nearest(prefix, [...new Set(routes.map(({ template }) => template))]);
      const fix =
        near === undefined
          ? "No declared route begins with it. Correct it, or declare the route."
          : `No declared route begins with it. Did you mean "${near}"?`;
      problems.add(path, prefix, "a prefix of a declared route", fix);
    }
  }
}

interface Recovery {
  readonly rpo: number;
  readonly rto: number;
}

const ABOVE_ZERO = {
  rpo: 'Zero loss needs replication, not backups. Write what a backup can keep, such as "24h".',
  rto: 'No restore takes no time. Write how long one may take, such as "1h".',
};

export function resolveRecovery(
  written: { rpo: string; rto: string } | undefined,
  problems: Problems,
): Recovery | undefined {
  if (written === undefined) return undefined;
  const recovery = { rpo: milliseconds(written.rpo)!, rto: milliseconds(written.rto)! };
  for (const key of ["rpo", "rto"] as const) {
    if (recovery[key] === 0)
      problems.add(`recovery.${key}`, written[key], "a duration above zero", ABOVE_ZERO[key]);
  }
  return recovery;
}

export const RUNBOOKS_WANTED = "an http(s) URL without user, password and fragment";

export function checkRunbooks(text: string, problems: Problems): void {
  const fix = "Alerts link to it and add a fragment, the SLO's name.";
  // URL drops line breaks and tabs without a word.
  if (!URL.canParse(text) || /[\s\p{C}"<>\\]/u.test(text)) {
    problems.add("runbooks", text, RUNBOOKS_WANTED, fix);
    return;
  }
  const { protocol, username, password, host } = new URL(text);
  if (username !== "" || password !== "") {
    // Not repeated: whoever reads the message is not always who may know the password.
    problems.report({
      path: "runbooks",
      got: `a URL of ${host} with a user or password`,
      wanted: RUNBOOKS_WANTED,
      fix,
    });
  } else if (!/^https?:$/.test(protocol) || text.includes("#")) {
    problems.add("runbooks", text, RUNBOOKS_WANTED, fix);
  }
}
