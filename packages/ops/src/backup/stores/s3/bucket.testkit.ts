import { createHash, randomUUID } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** An object of the bucket in memory. */
export interface Kept {
  readonly body: Buffer;
  readonly etag: string;
  readonly modified: Date;
  /** The headers it was put with: `x-amz-meta-*`, class, encryption, lock. */
  readonly headers: Record<string, string>;
  tags: string;
}

interface Unfinished {
  readonly key: string;
  readonly begun: Date;
  readonly headers: Readonly<Record<string, string>>;
  readonly parts: Map<number, { readonly body: Buffer; readonly etag: string }>;
}

/** One request to the bucket. */
export interface Asked {
  readonly operation: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What the bucket answers. */
export interface Answered {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

/** A bucket in memory with the semantics of S3 that the store stands on, and errors for everything else. */
export class Bucket {
  readonly objects: Map<string, Kept> = new Map();
  readonly uploads: Map<string, Unfinished> = new Map();
  readonly #now: () => number;
  readonly #pageSize: number;

  constructor(now: () => number, pageSize: number) {
    this.#now = now;
    this.#pageSize = pageSize;
  }

  answer(asked: Asked): Answered {
    const handler = this.#handlers[asked.operation];
    return handler ? handler(asked) : failed(501, "NotImplemented");
  }

  readonly #handlers: Readonly<Record<string, (asked: Asked) => Answered>> = {
    PutObject: ({ key, headers, body }) => {
      if (headers["if-none-match"] === "*" && this.objects.has(key)) return failed(412, "PreconditionFailed");
      return this.#keep(key, body, md5(body), kept(headers), String(headers["x-amz-tagging"] ?? ""));
    },
    CreateMultipartUpload: ({ key, headers }) => {
      const id = randomUUID();
      this.uploads.set(id, { key, begun: new Date(this.#now()), headers: kept(headers), parts: new Map() });
      return xml(`<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`);
    },
    UploadPart: ({ query, body }) => {
      const upload = this.uploads.get(query.get("uploadId") ?? "");
      if (!upload) return failed(404, "NoSuchUpload");
      const etag = md5(body);
      upload.parts.set(Number(query.get("partNumber")), { body, etag });
      return { status: 200, headers: { etag: `"${etag}"` } };
    },
    CompleteMultipartUpload: ({ key, query, headers, body }) => {
      const id = query.get("uploadId") ?? "";
      const upload = this.uploads.get(id);
      if (upload?.key !== key) return failed(404, "NoSuchUpload");
      if (headers["if-none-match"] === "*" && this.objects.has(key)) return failed(412, "PreconditionFailed");
      const named = [...body.toString().matchAll(/<Part>(.*?)<\/Part>/gs)].map(([, part = ""]) => ({
        number: Number(/<PartNumber>(\d+)</.exec(part)?.[1]),
        etag: /<ETag>(?:&quot;|")?([0-9a-f]+)/.exec(part)?.[1],
      }));
      const parts = named.map(({ number }) => upload.parts.get(number));
      if (parts.length === 0 || parts.some((part, at) => part?.etag !== named[at]!.etag))
        return failed(400, "InvalidPart");
      const bodies = parts.map((part) => part!.body);
      if (bodies.slice(0, -1).some((part) => part.length < 5 * 1024 * 1024))
        return failed(400, "EntityTooSmall");
      this.uploads.delete(id);
      const etag = `${md5(Buffer.concat(parts.map((part) => Buffer.from(part!.etag, "hex"))))}-${parts.length}`;
      // As Ceph: tags and lock that came with the upload are lost.
      const whole = Object.entries(upload.headers).filter(([name]) => !name.includes("object-lock"));
      this.#keep(key, Buffer.concat(bodies), etag, Object.fromEntries(whole), "");
      return xml(`<CompleteMultipartUploadResult><ETag>"${etag}"</ETag></CompleteMultipartUploadResult>`);
    },
    AbortMultipartUpload: ({ query }) =>
      this.uploads.delete(query.get("uploadId") ?? "") ? { status: 204 } : failed(404, "NoSuchUpload"),
    PutObjectTagging: ({ key, body }) => {
      const object = this.objects.get(key);
      if (!object) return failed(404, "NoSuchKey");
      const tags = [...body.toString().matchAll(/<Key>(.*?)<\/Key><Value>(.*?)<\/Value>/gs)];
      object.tags = new URLSearchParams(
        tags.map(([, name = "", value = ""]): [string, string] => [name, value]),
      ).toString();
      return { status: 200 };
    },
    PutObjectRetention: ({ key, body }) => {
      const object = this.objects.get(key);
      if (!object) return failed(404, "NoSuchKey");
      const mode = /<Mode>(.*?)</.exec(body.toString())?.[1] ?? "";
      const until = /<RetainUntilDate>(.*?)</.exec(body.toString())?.[1] ?? "";
      object.headers["x-amz-object-lock-mode"] = mode;
      object.headers["x-amz-object-lock-retain-until-date"] = until;
      return { status: 200 };
    },
    HeadObject: ({ key }) => {
      const object = this.objects.get(key);
      return object ? { status: 200, headers: headersOf(object) } : { status: 404 };
    },
    GetObject: ({ key, headers }) => {
      const object = this.objects.get(key);
      if (!object) return failed(404, "NoSuchKey");
      const match = headers["if-match"];
      if (match !== undefined && match !== `"${object.etag}"`) return failed(412, "PreconditionFailed");
      const from = /^bytes=(\d+)-$/.exec(headers.range ?? "")?.[1];
      if (from === undefined) return { status: 200, headers: headersOf(object), body: object.body };
      const body = object.body.subarray(Number(from));
      if (body.length === 0) return failed(416, "InvalidRange");
      const total = object.body.length;
      const range = {
        "content-range": `bytes ${from}-${total - 1}/${total}`,
        "content-length": String(body.length),
      };
      return { status: 206, headers: { ...headersOf(object), ...range }, body };
    },
    DeleteObject: ({ key }) => {
      this.objects.delete(key);
      return { status: 204 };
    },
    ListObjectsV2: ({ query }) => {
      const after = query.get("continuation-token") ?? "";
      const most = Math.min(this.#pageSize, Number(query.get("max-keys") ?? this.#pageSize));
      const keys = [...this.objects.keys()]
        .filter((key) => key.startsWith(query.get("prefix") ?? "") && key > after)
        .sort();
      const page = keys.slice(0, most);
      const contents = page.map((key) => {
        const { body, modified } = this.objects.get(key)!;
        const about = `<LastModified>${modified.toISOString()}</LastModified><Size>${body.length}</Size>`;
        return `<Contents><Key>${encodeURIComponent(key)}</Key>${about}</Contents>`;
      });
      const more = keys.length > most;
      const next = more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : "";
      const head = `<IsTruncated>${more}</IsTruncated>${next}`;
      return xml(`<ListBucketResult>${head}${contents.join("")}</ListBucketResult>`);
    },
    ListMultipartUploads: ({ query }) => {
      const uploads = [...this.uploads].filter(([, { key }]) => key.startsWith(query.get("prefix") ?? ""));
      const listed = uploads.map(([id, { key, begun }]) => {
        const about = `<UploadId>${id}</UploadId><Initiated>${begun.toISOString()}</Initiated>`;
        return `<Upload><Key>${encodeURIComponent(key)}</Key>${about}</Upload>`;
      });
      const body = `<IsTruncated>false</IsTruncated>${listed.join("")}`;
      return xml(`<ListMultipartUploadsResult>${body}</ListMultipartUploadsResult>`);
    },
  };

  #keep(key: string, body: Buffer, etag: string, headers: Kept["headers"], tags: string): Answered {
    this.objects.set(key, { body, etag, modified: new Date(this.#now()), headers, tags });
    return { status: 200, headers: { etag: `"${etag}"` } };
  }
}

export function failed(status: number, code: string): Answered {
  return xml(`<Error><Code>${code}</Code><Message>${code} of the test server</Message></Error>`, status);
}

function xml(body: string, status = 200): Answered {
  return { status, headers: { "content-type": "application/xml" }, body: `<?xml version="1.0"?>${body}` };
}

function kept(headers: IncomingHttpHeaders): Record<string, string> {
  const names = Object.keys(headers).filter((name) =>
    /^x-amz-(meta-|storage-class|server-side-encryption|object-lock)/.test(name),
  );
  return Object.fromEntries(names.map((name) => [name, String(headers[name])]));
}

function headersOf({ body, etag, modified, headers }: Kept): Record<string, string> {
  const about = {
    "content-length": String(body.length),
    etag: `"${etag}"`,
    "last-modified": modified.toUTCString(),
  };
  return { ...headers, ...about };
}

function md5(body: Buffer): string {
  return createHash("md5").update(body).digest("hex");
}
