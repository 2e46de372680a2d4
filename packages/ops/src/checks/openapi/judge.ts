import type { CheckContext } from "../check.ts";
import type { Findings } from "../findings.ts";
import type { Answer } from "../http.ts";
import { readDocument } from "./document.ts";
import { judgeFormat } from "./format.ts";
import { judgeOperations, operationsOf } from "./operations.ts";
import { judgeReferences } from "./references.ts";
import { judgeRoutes, type RouteScope } from "./routes.ts";
import { judgeSamples } from "./samples/index.ts";

/** Judges an answer that must be the service's OpenAPI document, and says what it is for when nothing was found. */
export async function judgeSchema(
  answer: Answer,
  request: string,
  scope: RouteScope & { readonly unsampled: readonly string[] },
  context: CheckContext,
  findings: Findings,
): Promise<string> {
  const document = readDocument(answer, request, findings);
  if (document === undefined || !(await judgeFormat(document, findings))) return "";
  const operations = operationsOf(document);
  judgeReferences(document, findings);
  judgeOperations(document, operations, findings);
  judgeRoutes(document, operations, scope, findings);
  const count = operations.length === 1 ? "1 operation" : `${operations.length} operations`;
  const sampled = operations.filter(({ path }) => !scope.unsampled.includes(path));
  const samples = await judgeSamples(document, sampled, scope.apart, context, findings);
  return `${request} is valid OpenAPI ${String(document.openapi)} with ${count}; ${samples}.`;
}
