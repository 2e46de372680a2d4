import type { Check, CheckContext, CommonCheckOptions } from "../check.ts";
import { isHtml } from "../content.ts";
import { Findings } from "../findings.ts";
import type { Answer } from "../http.ts";
import { pathOption } from "../option.ts";
import { list } from "../text.ts";

/** Options of {@link openapi}. */
export interface OpenapiOptions extends CommonCheckOptions {
  /** Paths that are declared as routes and left out of the schema on purpose. */
  readonly undocumented?: readonly string[];
  /** Paths of the schema, as it writes them, that are not to be asked: an export that takes minutes, a GET that does something. */
  readonly unsampled?: readonly string[];
}

/** Where frameworks put the schema, tried in turn when no path is given. */
const USUAL_PATHS = [
  "/api/schema/",
  "/openapi.json",
  "/openapi.yaml",
  "/api/openapi.json",
  "/docs/json",
  "/swagger.json",
];

/**
 * The service describes itself, and truly: an OpenAPI 3.0, 3.1 or 3.2 document, JSON or YAML, that is valid, has
 * operations, refers to nothing it lacks, and names the routes that the declaration has, no more and no fewer. Some of
 * its GET operations are asked, and answer as described; those that need credentials refuse without.
 *
 * @param path where the schema is; without one the usual places are tried, and finding none is "unknown"
 * @throws {SeakeepError} `SK-CHECK-005` when the path does not begin with a slash.
 * @see https://spec.openapis.org/oas/
 * @example
 * openapi("/api/schema/");
 */
export function openapi(path?: string, options: OpenapiOptions = {}): Check {
  const given = path === undefined ? undefined : pathOption("openapi()", path);
  const undocumented = (options.undocumented ?? []).map((route) => pathOption("openapi()", route));
  const unsampled = (options.unsampled ?? []).map((template) => pathOption("openapi()", template));
  return {
    kind: "openapi",
    name: options.name ?? "openapi",
    async run(context) {
      const findings = new Findings();
      const found =
        given === undefined ? await search(context, findings) : await get(given, context, findings);
      if (found === undefined) return findings.conclude("");
      // Loaded when it is needed: the validators take longer to load than all other checks together take to run.
      const { judgeSchema } = await import("./judge.ts");
      const apart = [found.path, context.metrics.path, ...undocumented];
      const scope = { routes: context.service?.routes ?? [], apart, unsampled };
      return findings.conclude(
        await judgeSchema(found.answer, `GET ${found.path}`, scope, context, findings),
      );
    },
  };
}

interface Found {
  readonly path: string;
  readonly answer: Answer;
}

const ACCEPT = "application/json, application/vnd.oai.openapi+json, application/yaml;q=0.9";

async function get(path: string, { send }: CheckContext, findings: Findings): Promise<Found | undefined> {
  const answer = findings.answer(await send({ path, headers: { accept: ACCEPT } }));
  return answer && { path, answer };
}

async function search(context: CheckContext, findings: Findings): Promise<Found | undefined> {
  for (const path of USUAL_PATHS) {
    const found = await get(path, context, findings);
    if (found === undefined) return undefined;
    const { status } = found.answer;
    // A server's fault is no "not here": it is the answer.
    if (status >= 500 || (status === 200 && !isHtml(found.answer))) return found;
  }
  const places = list(USUAL_PATHS, USUAL_PATHS.length);
  findings.unsure(`No schema was found at ${places}.`, 'Name its place: --schema PATH, or openapi("/path").');
  return undefined;
}
