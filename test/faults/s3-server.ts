import { createHash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One request, as a fault sees it. */
export interface S3Call {
  readonly op:
    | "put"
    | "get"
    | "head"
    | "delete"
    | "list"
    | "create"
    | "part"
    | "complete"
    | "abort"
    | "uploads"
    | "tag";
  readonly key: string;
  /** Counts the requests since the fault was set, from 1. */
  readonly number: number;
}

/**
 * What goes wrong. `cut`: the connection ends before anything was done; `lost`: it was done, and the answer never comes;
 * `half`: half of the answer's body comes; `short`: half of it comes, as if that were all; `slow`: it dribbles;
 * `hang`: no answer, and no end; `drop`: what was sent is acknowledged and lost, wholly or half.
 */
export type S3Fault = 500 | 503 | "cut" | "lost" | "half" | "short" | "slow" | "hang" | "drop";

interface Stored {
  readonly body: Buffer;
  readonly modified: Date;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A small S3 in this process that fails on demand. It checks the hash that a request is signed with, not the signature. */
export interface S3Server {
  readonly endpoint: string;
  readonly objects: Map<string, Stored>;
  readonly uploads: Map<
    string,
    {
      readonly key: string;
      readonly begun: Date;
      readonly parts: Map<number, Buffer>;
      readonly metadata: Stored["metadata"];
    }
  >;
  fault: ((call: S3Call) => S3Fault | undefined) | undefined;
  /** Milliseconds by which its clock is ahead. */
  skew: number;
  /** Counts requests from 1 again. */
  count(): void;
  /** Empties it and takes faults back. */
  reset(): void;
  close(): Promise<void>;
}

export async function startS3(): Promise<S3Server> {
  let number = 0;
  const server = createServer((request, response) => {
    serve(s3, request, response, ++number).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const s3: S3Server = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects: new Map(),
    uploads: new Map(),
    fault: undefined,
    skew: 0,
    count() {
      number = 0;
    },
    reset() {
      number = 0;
      s3.objects.clear();
      s3.uploads.clear();
      s3.fault = undefined;
      s3.skew = 0;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return s3;
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly body?: Buffer | string;
}

async function serve(s3: S3Server, request: IncomingMessage, response: ServerResponse, number: number) {
  const url = new URL(request.url ?? "/", s3.endpoint);
  const key = decodeURIComponent(url.pathname).split("/").slice(2).join("/");
  const op = operation(request.method ?? "", key, url.searchParams);
  const fault = s3.fault?.({ op, key, number });
  if (fault === "cut") {
    // In the middle of what is sent, if anything is.
    request.once("data", () => request.destroy());
    request.once("end", () => response.destroy());
    request.resume();
    return;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  if (fault === "hang") return;
  if (typeof fault === "number")
    return send(s3, response, failure(fault, fault === 503 ? "SlowDown" : "InternalError"));
  const answer = carryOut(s3, { op, key, url, request, body: Buffer.concat(chunks), drop: fault === "drop" });
  if (fault === "lost") return response.destroy();
  await send(s3, response, answer, fault, request.method === "HEAD");
}

function operation(method: string, key: string, query: URLSearchParams): S3Call["op"] {
  if (key === "") return query.has("uploads") ? "uploads" : "list";
  if (method === "POST") return query.has("uploads") ? "create" : "complete";
  if (method === "PUT") return query.has("partNumber") ? "part" : query.has("tagging") ? "tag" : "put";
  if (method === "DELETE") return query.has("uploadId") ? "abort" : "delete";
  return method === "HEAD" ? "head" : "get";
}

async function send(
  s3: S3Server,
  response: ServerResponse,
  { status, headers, body = "" }: Answer,
  fault?: S3Fault,
  head = false,
) {
  const bytes = Buffer.from(body);
  const shown = fault === "short" ? bytes.subarray(0, bytes.length >> 1) : bytes;
  response.writeHead(status, {
    Date: new Date(Date.now() + s3.skew).toUTCString(),
    ...(!head && { "Content-Length": shown.length }),
    ...headers,
    ...(fault === "short" && { "Content-Length": shown.length }),
  });
  if (head) return response.end();
  if (fault === "half") return response.write(shown.subarray(0, shown.length >> 1), () => response.destroy());
  if (fault === "slow") {
    for (const share of [0, 1, 2, 3]) {
      response.write(shown.subarray((shown.length * share) >> 2, (shown.length * (share + 1)) >> 2));
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    return response.end();
  }
  response.end(shown);
}

interface Order {
  readonly op: S3Call["op"];
  readonly key: string;
  readonly url: URL;
  readonly request: IncomingMessage;
  readonly body: Buffer;
  readonly drop: boolean;
}

function carryOut(s3: S3Server, { op, key, url, request, body, drop }: Order): Answer {
  const query = url.searchParams;
  const object = s3.objects.get(key);
  const store = (bytes: Buffer, metadata: Stored["metadata"]) =>
    s3.objects.set(key, { body: bytes, modified: new Date(Date.now() + s3.skew), metadata });
  const signed = request.headers["x-amz-content-sha256"];
  if (signed !== undefined && /^[0-9a-f]{64}$/.test(String(signed)) && signed !== sha256(body)) {
    return failure(400, "XAmzContentSHA256Mismatch");
  }
  const upload = s3.uploads.get(query.get("uploadId") ?? "");
  const taken = request.headers["if-none-match"] === "*" && object !== undefined;
  switch (op) {
    case "put":
      if (taken) return failure(412, "PreconditionFailed");
      store(drop ? body.subarray(0, body.length >> 1) : body, metadataOf(request));
      return { status: 200, headers: { ETag: etag(body) } };
    case "get":
    case "head":
      return object === undefined ? failure(404, "NoSuchKey") : read(object, request);
    case "delete":
      s3.objects.delete(key);
      return { status: 204 };
    case "tag":
      return object === undefined ? failure(404, "NoSuchKey") : { status: 200 };
    case "create": {
      const id = randomUUID();
      const begun = new Date(Date.now() + s3.skew);
      s3.uploads.set(id, { key, begun, parts: new Map(), metadata: metadataOf(request) });
      return xml(`<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`);
    }
    case "part":
      if (upload === undefined) return failure(404, "NoSuchUpload");
      upload.parts.set(Number(query.get("partNumber")), drop ? Buffer.alloc(0) : body);
      return { status: 200, headers: { ETag: etag(body) } };
    case "complete": {
      if (upload === undefined) return failure(404, "NoSuchUpload");
      if (taken) return failure(412, "PreconditionFailed");
      const numbers = [...upload.parts.keys()].sort((a, b) => a - b);
      store(Buffer.concat(numbers.map((part) => upload.parts.get(part)!)), upload.metadata);
      s3.uploads.delete(query.get("uploadId")!);
      return xml(`<CompleteMultipartUploadResult><ETag>"x"</ETag></CompleteMultipartUploadResult>`);
    }
    case "abort":
      return s3.uploads.delete(query.get("uploadId")!) ? { status: 204 } : failure(404, "NoSuchUpload");
    case "uploads":
      return xml(
        `<ListMultipartUploadsResult>${[...s3.uploads]
          .filter(([, { key: begun }]) => begun.startsWith(query.get("prefix") ?? ""))
          .map(
            ([id, { key: begun, begun: at }]) =>
              `<Upload><Key>${encodeURIComponent(begun)}</Key><UploadId>${id}</UploadId><Initiated>${at.toISOString()}</Initiated></Upload>`,
          )
          .join("")}<IsTruncated>false</IsTruncated></ListMultipartUploadsResult>`,
      );
    case "list":
      return list(s3, query);
  }
}

function read({ body, modified, metadata }: Stored, request: IncomingMessage): Answer {
  const wanted = request.headers["if-match"];
  if (wanted !== undefined && wanted !== etag(body)) return failure(412, "PreconditionFailed");
  const start = /^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1];
  const shown = body.subarray(Number(start ?? 0));
  return {
    status: start === undefined ? 200 : 206,
    headers: {
      ETag: etag(body),
      "Last-Modified": modified.toUTCString(),
      "Content-Length": shown.length,
      ...(start !== undefined && { "Content-Range": `bytes ${start}-${body.length - 1}/${body.length}` }),
      ...Object.fromEntries(Object.entries(metadata)),
    },
    body: shown,
  };
}

/** Three keys a page, so that every list has pages. */
function list({ objects }: S3Server, query: URLSearchParams): Answer {
  const after = Buffer.from(query.get("continuation-token") ?? "", "base64").toString();
  const keys = [...objects.keys()]
    .sort()
    .filter((key) => key.startsWith(query.get("prefix") ?? "") && key > after);
  const page = keys.slice(0, 3);
  const more = keys.length > page.length;
  const contents = page.map((key) => {
    const { body, modified } = objects.get(key)!;
    return `<Contents><Key>${encodeURIComponent(key)}</Key><Size>${body.length}</Size><LastModified>${modified.toISOString()}</LastModified></Contents>`;
  });
  const next = more
    ? `<NextContinuationToken>${Buffer.from(page.at(-1)!).toString("base64")}</NextContinuationToken>`
    : "";
  return xml(
    `<ListBucketResult>${contents.join("")}<IsTruncated>${more}</IsTruncated>${next}</ListBucketResult>`,
  );
}

function metadataOf({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      name.startsWith("x-amz-meta-") ? [[name, String(value)]] : [],
    ),
  );
}

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
const etag = (bytes: Buffer): string => `"${createHash("md5").update(bytes).digest("hex")}"`;
const xml = (body: string): Answer => ({
  status: 200,
  headers: { "Content-Type": "application/xml" },
  body: `<?xml version="1.0"?>${body}`,
});
const failure = (status: number, code: string): Answer => ({
  ...xml(`<Error><Code>${code}</Code><Message>${code}</Message></Error>`),
  status,
});
