import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { NAMES } from "@seakeep/contract";
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import Type from "typebox";
import { isUnreachable } from "./database.ts";

/**
 * An answer that is not what the caller hoped for, as RFC 9457 problem details. Throw it from anywhere in a request.
 *
 * @example
 * throw new Problem(404, "No such course.");
 */
export class Problem extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail);
    this.status = status;
    this.headers = headers;
  }
}

export const ProblemSchema = Type.Object(
  {
    type: Type.String({ format: "uri-reference", description: "about:blank: no more than the status says." }),
    title: Type.String(),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    detail: Type.String(),
    request_id: Type.Optional(Type.String({ description: "Quote it when you ask for help." })),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          in: Type.Enum(["body", "query", "path", "header"]),
          pointer: Type.String({ description: "Where, as a JSON Pointer (RFC 6901); empty is the whole." }),
          detail: Type.String(),
        }),
      ),
    ),
  },
  { $id: "Problem", description: "Problem details, RFC 9457." },
);
type ProblemBody = Type.Static<typeof ProblemSchema>;

const MEDIA_TYPE = "application/problem+json";
/** A name of our own (RFC 4151), for programs to compare: it leads nowhere. */
const INVALID = "tag:example.com,2026:courses-api/invalid-request";

/** The error responses of a route, for its schema: `...problems(401, 403)`, and one for all that can befall any. */
export function problems<S extends number>(...statuses: S[]) {
  const content = { [MEDIA_TYPE]: { schema: { $ref: "Problem#" } } };
  const named = statuses.map((status) => [status, { description: STATUS_CODES[status], content }]);
  const others = { description: "Any other error", content };
  return { ...Object.fromEntries(named), default: others } as Record<S | "default", unknown>;
}

/** Whatever was thrown, told to the client without a word about our insides. */
export function sendProblem(error: unknown, _request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { headers, ...body } = describe(error as FastifyError);
  return reply
    .code(body.status)
    .headers(headers)
    .type(MEDIA_TYPE)
    .send({ ...body, request_id: reply.getHeader(NAMES.headers.requestId) });
}

/** 404; or 405 where the path answers other methods. */
export function notFound(methods: readonly string[] = []): never {
  if (methods.length === 0) throw new Problem(404, "There is nothing at this address.");
  const allow = methods.join(", ");
  throw new Problem(405, `This address answers ${allow} only.`, { allow });
}

/** Answers what never became a request, such as a broken request line, on the bare socket. */
export function sendClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const statuses: Record<string, number> = { ERR_HTTP_REQUEST_TIMEOUT: 408, HPE_HEADER_OVERFLOW: 431 };
  const status = statuses[error.code ?? ""] ?? 400;
  const body = JSON.stringify(blank(status, "The server could not read this as an HTTP request."));
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: ${MEDIA_TYPE}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

function describe(error: FastifyError): ProblemBody & { headers: Readonly<Record<string, string>> } {
  if (error instanceof Problem) return { ...blank(error.status, error.message), headers: error.headers };
  if (error.validation) {
    const invalid = { ...blank(400, "Some fields are not as they should be."), type: INVALID };
    return { ...invalid, title: "Invalid request", errors: fields(error), headers: {} };
  }
  // What Fastify and its plugins throw about a request is written for the client.
  const status = error.statusCode ?? 500;
  if (status >= 400 && status < 500) return { ...blank(status, sentence(error.message)), headers: {} };
  if (isUnreachable(error)) {
    return { ...blank(503, "The service cannot reach its database."), headers: { "retry-after": "5" } };
  }
  return { ...blank(500, "Something went wrong on our side."), headers: {} };
}

function blank(status: number, detail: string): ProblemBody {
  return { type: "about:blank", title: STATUS_CODES[status] ?? "Error", status, detail };
}

function fields(error: FastifyError): NonNullable<ProblemBody["errors"]> {
  const places = { body: "body", querystring: "query", params: "path", headers: "header" } as const;
  const place = places[(error.validationContext ?? "body") as keyof typeof places];
  return (error.validation ?? [])
    .filter(({ keyword }) => keyword !== "boolean") // TypeBox says twice that a property is one too many
    .map(({ instancePath, message = "is not valid", params }) => {
      const names = params.additionalProperties ?? params.allowedValues;
      const detail = Array.isArray(names) ? `${message}: ${names.join(", ")}` : message;
      return { in: place, pointer: instancePath, detail };
    });
}

function sentence(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`;
}
