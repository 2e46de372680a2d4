import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Answered, Bucket, failed } from "./bucket.testkit.ts";
import { signatureProblem } from "./signature.testkit.ts";

/** What can go wrong with one request, done or not done. */
export type Fault =
  /** Refused with this status and code, not done. */
  | { readonly status: number; readonly code: string }
  /** Never answered, not done. */
  | "silent"
  /** The connection is cut while the request arrives; not done. */
  | "cut-request"
  /** Done, and the connection is cut before the answer. */
  | "lost-answer"
  /** Done, and the connection is cut in the middle of the answer's body. */
  | "cut-answer"
  /** Done, and answered after 200 ms. */
  | "slow";

/** An S3 of one bucket in this process. */
export interface TestServer {
  readonly bucket: Bucket;
  /** `s3://bucket/prefix?endpoint=...`. */
  readonly url: string;
  /** The operations asked for so far, in order. */
  readonly asked: string[];
  /** Makes the next requests of an operation go wrong, one fault each. */
  fault(operation: string, ...faults: readonly Fault[]): void;
  /** Sets the server's clock off by so many milliseconds. */
  skew(milliseconds: number): void;
  close(): Promise<void>;
}

export const CREDENTIALS = {
  AWS_ACCESS_KEY_ID: "AKIATESTTESTTEST",
  AWS_SECRET_ACCESS_KEY: "a-secret-of-tests",
};

/** Starts it on a free loopback port. It checks the signature of every request. */
export async function startTestServer(pageSize = 1000): Promise<TestServer> {
  let offset = 0;
  const now = () => Date.now() + offset;
  const bucket = new Bucket(now, pageSize);
  const faults = new Map<string, Fault[]>();
  const asked: string[] = [];
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? "/", "http://localhost");
    const [, name, ...path] = url.pathname.split("/");
    const key = decodeURIComponent(path.join("/"));
    const operation = operationOf(request.method ?? "", key, url.searchParams);
    asked.push(operation);
    const fault = faults.get(operation)?.shift();
    if (fault === "cut-request")
      return void request.once("data", () => request.destroy()).once("end", () => request.destroy());
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces);
    if (fault === "silent") return;
    const secret = {
      id: CREDENTIALS.AWS_ACCESS_KEY_ID,
      secret: CREDENTIALS.AWS_SECRET_ACCESS_KEY,
      now: now(),
    };
    const problem = signatureProblem(request, body, secret);
    const ask = { operation, key, query: url.searchParams, headers: request.headers, body };
    let answer: Answered;
    if (typeof fault === "object") answer = failed(fault.status, fault.code);
    else if (problem !== undefined) answer = failed(403, problem);
    else answer = name === "bucket" ? bucket.answer(ask) : failed(404, "NoSuchBucket");
    if (fault === "lost-answer") return void request.destroy();
    if (fault === "slow") await new Promise((resolve) => setTimeout(resolve, 200));
    response.writeHead(answer.status, { date: new Date(now()).toUTCString(), ...answer.headers });
    if (request.method === "HEAD") return void response.end();
    if (fault !== "cut-answer") return void response.end(answer.body);
    const half = Buffer.from(answer.body ?? "");
    response.write(half.subarray(0, Math.ceil(half.length / 2)), () => response.destroy());
  };
  const server = createServer((request, response) => {
    // A connection that the client cut is no failure of the server.
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => void server.listen({ port: 0, host: "127.0.0.1" }, resolve));
  const endpoint = encodeURIComponent(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return {
    bucket,
    asked,
    url: `s3://bucket/prefix?endpoint=${endpoint}`,
    fault: (operation, ...list) => void faults.set(operation, [...list]),
    skew(milliseconds) {
      offset = milliseconds;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function operationOf(method: string, key: string, query: URLSearchParams): string {
  if (key === "") return query.has("uploads") ? "ListMultipartUploads" : "ListObjectsV2";
  if (query.has("tagging")) return `${method === "PUT" ? "Put" : "Get"}ObjectTagging`;
  if (query.has("retention")) return "PutObjectRetention";
  if (query.has("uploads")) return "CreateMultipartUpload";
  if (query.has("uploadId")) {
    const parts: Record<string, string> = { PUT: "UploadPart", POST: "CompleteMultipartUpload" };
    return parts[method] ?? "AbortMultipartUpload";
  }
  return `${method.charAt(0)}${method.slice(1).toLowerCase()}Object`;
}
