import { SeakeepError } from "@seakeep/contract";
import type { Secret } from "../../config/values.ts";
import type { CheckContext } from "../check.ts";
import type { CheckRequest } from "../http.ts";
import { pathOption } from "../option.ts";
import type { Json } from "./expectation.ts";

/** A JSON value in which secrets may stand for texts. */
export type JsonTemplate = Json | Secret | readonly JsonTemplate[] | { readonly [key: string]: JsonTemplate };

/** A request as a configuration has it. Secrets are named, not written. */
export interface HttpRequest {
  /** Default `GET`. */
  readonly method?: string;
  /** Path and query below the service's URL; begins with a slash. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | Secret>>;
  /** Sent as `Authorization: Bearer`. */
  readonly bearer?: string | Secret;
  /** Sent as JSON, with its Content-Type. */
  readonly json?: JsonTemplate;
  /** Sent as it is; not beside `json`. */
  readonly body?: string;
}

/** Fills in the secrets of a request; or names the first that is not set. */
export async function fillIn(
  { method, path, headers = {}, bearer, json, body }: HttpRequest,
  context: CheckContext,
): Promise<CheckRequest | { readonly missing: string }> {
  const reader = new SecretReader(context);
  const filled = {
    headers: (await reader.fill(headers)) as Record<string, string>,
    bearer: bearer === undefined ? undefined : ((await reader.fill(bearer)) as string),
    json: json === undefined ? undefined : await reader.fill(json),
  };
  if (reader.missing !== undefined) return { missing: reader.missing };
  const isJson = filled.json !== undefined;
  // Credentials that an earlier answer gave are secrets too, though nobody named them.
  for (const [name, value] of Object.entries(filled.headers)) {
    if (/^(authorization|cookie|.*(token|key|secret).*)$/i.test(name))
      context.hide(value.replace(/^\w+ /, ""));
  }
  if (filled.bearer !== undefined) context.hide(filled.bearer);
  for (const value of [filled.bearer ?? "", ...Object.values(filled.headers)]) refuseUnsendable(value);
  return {
    path: pathOption("A request", path),
    ...(method === undefined ? {} : { method }),
    headers: { accept: "application/json, */*;q=0.5", ...(isJson && JSON_TYPE), ...filled.headers },
    ...(filled.bearer === undefined ? {} : { bearer: filled.bearer }),
    ...(isJson ? { body: JSON.stringify(filled.json) } : body === undefined ? {} : { body }),
  };
}

const JSON_TYPE = { "content-type": "application/json" };

/** The value is not shown: it may be a secret. */
function refuseUnsendable(value: string): void {
  if (/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return;
  throw new SeakeepError("SK-CHECK-006", "A header of a request holds a character that no header can carry.");
}

class SecretReader {
  missing: string | undefined;
  readonly #context: CheckContext;

  constructor(context: CheckContext) {
    this.#context = context;
  }

  async fill(template: unknown): Promise<unknown> {
    if (Array.isArray(template)) return await Promise.all(template.map((inner) => this.fill(inner)));
    if (typeof template !== "object" || template === null) return template;
    if (isSecret(template)) {
      const value = await this.#context.secret(template);
      if (value === undefined) this.missing ??= template.name;
      return value;
    }
    const entries = Object.entries(template).map(async ([key, inner]) => [key, await this.fill(inner)]);
    return Object.fromEntries((await Promise.all(entries)) as [string, unknown][]) as unknown;
  }
}

function isSecret(value: object): value is Secret {
  const { kind, name } = value as Partial<Secret>;
  return kind === "secret" && typeof name === "string";
}
