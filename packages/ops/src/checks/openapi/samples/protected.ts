import { asObject, describe } from "../../content.ts";
import type { CheckRequest } from "../../http.ts";
import { printable } from "../../text.ts";
import type { Operation } from "../operations.ts";
import { follow } from "../references.ts";
import type { Sampling } from "./index.ts";

/**
 * Asks an operation that needs credentials without any: it must refuse. Nothing comes of it where the gate is open
 * either: what is not GET is asked for a thing that nobody has, or sent a body that no parser takes.
 *
 * @returns true when it was seen to refuse
 */
export async function judgeProtected(operation: Operation, sampling: Sampling): Promise<boolean> {
  const { context, conform, findings } = sampling;
  const request = harmless(operation, sampling);
  if (request === undefined) return false;
  const answer = findings.answer(await context.send({ ...request, as: "without credentials" }));
  if (answer === undefined) return false;
  const shown = `${operation.method} ${printable(operation.path)}`;
  const { status } = answer;
  if (status === 401 || status === 403) {
    conform(answer, operation, `${shown} without credentials`);
    return true;
  }
  if (status < 400) {
    const fix = "Ask for credentials before anything else; or describe it as open.";
    findings.fail(
      `${shown} answered ${describe(answer)} without the credentials that the schema says it needs.`,
      fix,
    );
  } else if (status >= 500) {
    const fix = "Answer 401: a request without credentials is no fault of the service.";
    findings.fail(`${shown} answered ${describe(answer)} without credentials.`, fix);
  } else {
    findings.note(
      `${shown} answered ${status} before it asked who is calling, so whether it refuses strangers was not seen.`,
    );
  }
  return false;
}

/** What an operation can be asked without credentials, whatever it makes of it; nothing when there is no such thing. */
export function harmless(
  operation: Operation,
  { document, prefix, context }: Sampling,
): CheckRequest | undefined {
  const { method, path, definition } = operation;
  const random = context.random();
  const id = `${random.slice(0, 8)}-${random.slice(8, 12)}-4${random.slice(13, 16)}-8${random.slice(17, 20)}-${random.slice(20, 32)}`;
  const filled = prefix + path.replace(/\{[^{}]*\}/g, id);
  if (method === "GET" || method === "HEAD") return { method, path: filled };
  if (method === "DELETE") return filled.includes(id) ? { method, path: filled } : undefined;
  const body = asObject(follow(document, definition.requestBody));
  const takesJson = Object.keys(asObject(body?.content) ?? {}).some((type) => /[/+]json/.test(type));
  if (body?.required !== true || !takesJson || !["POST", "PUT", "PATCH"].includes(method)) return undefined;
  return { method, path: filled, headers: { "content-type": "application/json" }, body: "{" };
}
