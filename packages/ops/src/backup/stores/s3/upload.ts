import { createHash } from "node:crypto";
import type { PutObjectCommandInput } from "@aws-sdk/client-s3";
import { failedAs, StoreError } from "../error.ts";
import type { PutOptions, StoredObject } from "../store.ts";
import { inspect } from "./inspect.ts";
import type { PartSource } from "./parts.ts";
import type { Remote } from "./remote.ts";

/** One put under way. */
export interface Upload {
  readonly remote: Remote;
  readonly key: string;
  readonly options: PutOptions;
  readonly token: string;
  /** How the object is to be kept: the part that single and multipart uploads share. */
  readonly keeping: Partial<PutObjectCommandInput>;
  readonly parts: PartSource;
  readonly signal: AbortSignal;
  /** Ends the whole put with this reason. */
  readonly fail: (reason: unknown) => void;
}

/**
 * The object as the store has it after its last request. That request may have failed although it was carried out: its
 * acknowledgement was lost, or a repetition met what the first one had done. The object's token tells.
 */
export async function confirm(upload: Upload, bytes: number, sent: Promise<unknown>): Promise<StoredObject> {
  const { remote, key, options, token, signal } = upload;
  const failure = await sent.then(
    () => undefined,
    (error: unknown) => error as Error,
  );
  signal.throwIfAborted();
  const seen = await inspect(remote, key, signal).catch((error: unknown) => {
    throw failure ?? error;
  });
  if (seen?.token === token && seen.bytes === bytes) return { key, bytes, modified: seen.modified };
  if (failure !== undefined) throw failedAs(failure, "conflict") ? conflict(key) : failure;
  if (seen === undefined || seen.token === token) {
    const what = `${key} was acknowledged with ${bytes} bytes, and then ${seen ? `had ${seen.bytes}` : "was not there"}.`;
    throw new StoreError("unavailable", what, {
      why: "Somebody deleted it, or the store does not keep its word.",
    });
  }
  // Another put came after this one: without ifAbsent that is its right.
  if (options.ifAbsent) throw conflict(key);
  return { key, bytes, modified: seen.modified };
}

export function conflict(key: string): StoreError {
  return new StoreError("conflict", `${key} exists already.`);
}

/** Object lock asks for a checksum in a header of its own, and MD5 is the one that every store takes. */
export function digestOf({ settings }: Remote, body: Uint8Array): { readonly ContentMD5?: string } {
  return settings.objectLock ? { ContentMD5: createHash("md5").update(body).digest("base64") } : {};
}
