import { randomUUID } from "node:crypto";
import type { PutObjectCommandInput } from "@aws-sdk/client-s3";
import { interruptible } from "../body.ts";
import type { PutOptions, StoredObject } from "../store.ts";
import { clockOf } from "./clock.ts";
import { TOKEN } from "./inspect.ts";
import { putMultipart } from "./multipart.ts";
import { partSize, partsOf } from "./parts.ts";
import { type Remote, within } from "./remote.ts";
import { checkTags } from "./tags.ts";
import { confirm, digestOf, type Upload } from "./upload.ts";

/** Stores a body: in one request when it fits into the first part, else in parts. */
export function putObject(
  remote: Remote,
  key: string,
  body: AsyncIterable<Uint8Array>,
  options: PutOptions,
): Promise<StoredObject> {
  checkTags(options.tags);
  const run = async (signal: AbortSignal, fail: Upload["fail"]) => {
    const parts = partsOf(interruptible(body, signal), remote.buffers, signal);
    try {
      const token = randomUUID();
      const keeping = await keepingOf(remote, options, token, signal);
      const upload: Upload = { remote, key, options, token, keeping, parts, signal, fail };
      const first = await parts.next(partSize(1));
      return await (first.last ? putWhole(upload, first.part) : putMultipart(upload, first.part));
    } finally {
      await parts.close();
    }
  };
  return within(remote.patience.transfer, `Writing ${key}`, run, options.signal);
}

async function keepingOf(
  remote: Remote,
  { kind, tags }: PutOptions,
  token: string,
  signal: AbortSignal,
): Promise<Upload["keeping"]> {
  const { storageClass, sse, kmsKeyId, objectLock } = remote.settings;
  const withClass = kind === "data" && storageClass !== "STANDARD";
  return {
    Metadata: { ...tags, [TOKEN]: token },
    ...(withClass && { StorageClass: storageClass as NonNullable<PutObjectCommandInput["StorageClass"]> }),
    ...(sse !== undefined && {
      ServerSideEncryption: sse as NonNullable<PutObjectCommandInput["ServerSideEncryption"]>,
    }),
    ...(kmsKeyId !== undefined && { SSEKMSKeyId: kmsKeyId }),
    ...(objectLock !== undefined && {
      ObjectLockMode: objectLock.mode,
      // By the store's clock: this machine's may be wrong, and a lock cannot be shortened.
      ObjectLockRetainUntilDate: new Date(
        (await clockOf(remote, signal)).getTime() + objectLock.days * 86_400_000,
      ),
    }),
  };
}

async function putWhole(upload: Upload, body: Uint8Array): Promise<StoredObject> {
  const { remote, key, options, keeping, signal } = upload;
  const { tags } = options;
  const input: PutObjectCommandInput = {
    ...remote.at(key),
    ...keeping,
    Body: body,
    ...(options.ifAbsent && { IfNoneMatch: "*" }),
    ...(tags && remote.settings.tags && { Tagging: new URLSearchParams(tags).toString() }),
    ...digestOf(remote, body),
  };
  const sent = remote.ask(`Writing ${key}`, (options) => remote.s3.putObject(input, options), signal);
  return confirm(upload, body.byteLength, sent);
}
