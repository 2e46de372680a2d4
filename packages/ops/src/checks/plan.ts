import { NAMES, nearest, SeakeepError } from "@seakeep/contract";
import { loadConfigIfThere } from "../config/load.ts";
import type { Environment } from "../print.ts";
import type { Check } from "./check.ts";
import { defaultChecks } from "./defaults.ts";
import type { CheckTarget } from "./run.ts";
import { list, quote } from "./text.ts";

/** What the command line says of a run. */
export interface PlanOptions {
  readonly config?: string;
  readonly url?: string;
  readonly schema?: string;
  /** Names or kinds; all checks when there is none. */
  readonly only?: readonly string[];
  /** Adds the check of that name, which then nobody else may have. */
  readonly expectVersion?: string;
}

/** What is checked, and with what. */
export interface Plan {
  readonly target: CheckTarget;
  readonly checks: readonly Check[];
  /** Absolute path of the operations file; absent when there is none. */
  readonly file?: string;
}

/**
 * Decides what to check: the configuration's checks, or the default ones. Without a configuration a URL is enough.
 *
 * @throws {SeakeepError} `SK-CHECK-001` to `-004` and `-007`; `SK-CONFIG-*` from the configuration.
 */
export async function plan(
  options: PlanOptions,
  where: { readonly cwd: string; readonly environment: Environment },
): Promise<Plan> {
  const url = options.url === undefined ? undefined : readUrl(options.url);
  const loaded = await loadConfigIfThere({ file: options.config, url: url?.href, ...where });
  const ops = loaded?.ops;
  if (ops === undefined) {
    if (url === undefined) {
      throw new SeakeepError("SK-CHECK-001", "Neither --url nor a seakeep.config.ts says what to check.");
    }
    const target = { url, metrics: { path: NAMES.paths.metrics } };
    return { target, checks: select(defaultChecks(url, options.schema), options) };
  }
  if (options.schema !== undefined) {
    throw new SeakeepError("SK-CHECK-007", "--schema stands beside a seakeep.config.ts.");
  }
  const target = { url: new URL(ops.url), service: ops.service, metrics: ops.metrics };
  return { target, checks: select(ops.checks ?? defaultChecks(target.url), options), file: loaded!.file };
}

/** The base of all requests. Its text is not repeated in the error: it may hold a password. */
function readUrl(written: string): URL {
  const refuse = (what: string) => new SeakeepError("SK-CHECK-001", `The value of --url ${what}.`);
  if (!URL.canParse(written)) throw refuse("is not a URL; it needs http:// or https:// and a host");
  const url = new URL(written);
  if (!/^https?:$/.test(url.protocol)) throw refuse("is not an http or https URL");
  if (url.username + url.password !== "") {
    const fix =
      "Leave them out, and set METRICS_TOKEN for the metrics: a URL ends in logs and shell histories.";
    throw new SeakeepError("SK-CHECK-001", "The value of --url holds credentials.", { fix });
  }
  if (url.search + url.hash !== "") throw refuse("has a query or a fragment, below which there is no path");
  return url;
}

function select(checks: readonly Check[], { only = [], expectVersion }: PlanOptions): readonly Check[] {
  if (checks.length === 0) throw new SeakeepError("SK-CHECK-002", "The configuration asks for no check.");
  const names = checks.map(({ name }) => name);
  const taken = expectVersion === undefined ? names : [...names, "version"];
  const twice = taken.find((name, index) => taken.indexOf(name) !== index);
  if (twice !== undefined) throw new SeakeepError("SK-CHECK-004", `Two checks are called ${quote(twice)}.`);
  for (const wanted of only) {
    if (taken.includes(wanted) || checks.some(({ kind }) => kind === wanted)) continue;
    const near = nearest(wanted, taken);
    throw new SeakeepError(
      "SK-CHECK-003",
      `No check is called ${quote(wanted)}; there are ${list(taken, 20)}.`,
      {
        ...(near === undefined ? {} : { fix: `Did you mean ${near}?` }),
      },
    );
  }
  return only.length === 0
    ? checks
    : checks.filter(({ name, kind }) => only.includes(name) || only.includes(kind));
}
