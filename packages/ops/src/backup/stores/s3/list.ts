import { StoreError } from "../error.ts";
import { isKey } from "../keys.ts";
import type { StoredObject } from "../store.ts";
import { type Remote, within } from "./remote.ts";

/** Objects whose keys begin with the prefix, page by page. */
export async function* listObjects(remote: Remote, prefix: string): AsyncGenerator<StoredObject> {
  const whole = remote.at(prefix);
  const question = { Bucket: whole.Bucket, Prefix: whole.Key, EncodingType: "url" as const };
  let last = "";
  for (let token: string | undefined; ; ) {
    const input = { ...question, ...(token !== undefined && { ContinuationToken: token }) };
    const page = await questionOf(remote, "Listing objects", (send) => remote.s3.listObjectsV2(input, send));
    for (const { Key = "", Size, LastModified } of page.Contents ?? []) {
      const key = portKey(remote, Key);
      if (key === undefined || Size === undefined || LastModified === undefined) continue;
      // Also what keeps a store that repeats a page from being listed for ever.
      if (key <= last)
        throw new StoreError("unavailable", `${remote.settings.bucket} was not listed in order of keys.`);
      last = key;
      yield { key, bytes: Size, modified: LastModified };
    }
    if (!page.IsTruncated) return;
    const next = page.NextContinuationToken;
    if (next === undefined || next === token)
      throw new StoreError("unavailable", "A list broke off between two pages.");
    token = next;
  }
}

/** Aborts the uploads under a prefix that began before a time; answers how many. */
export async function abortUploads(remote: Remote, prefix: string, before: Date): Promise<number> {
  const whole = remote.at(prefix);
  const question = { Bucket: whole.Bucket, Prefix: whole.Key, EncodingType: "url" as const };
  let aborted = 0;
  for (let marker = {}; ; ) {
    const input = { ...question, ...marker };
    const page = await questionOf(remote, "Listing unfinished uploads", (send) =>
      remote.s3.listMultipartUploads(input, send),
    );
    for (const { Key = "", UploadId, Initiated } of page.Uploads ?? []) {
      const key = portKey(remote, Key);
      if (key === undefined || Initiated === undefined || Initiated >= before) continue;
      const place = { ...remote.at(key), UploadId };
      const gone = await questionOf(remote, `Aborting an upload of ${key}`, (send) =>
        remote.s3.abortMultipartUpload(place, send),
      ).catch((error: unknown) => {
        // Somebody else was faster.
        if (error instanceof StoreError && error.reason === "missing") return undefined;
        throw error;
      });
      if (gone !== undefined) aborted++;
    }
    if (!page.IsTruncated) return aborted;
    const next = { KeyMarker: decoded(page.NextKeyMarker ?? ""), UploadIdMarker: page.NextUploadIdMarker };
    if (JSON.stringify(next) === JSON.stringify(marker))
      throw new StoreError("unavailable", "A list broke off between two pages.");
    marker = next;
  }
}

/** One small question, with its own deadline. */
export function questionOf<T>(
  remote: Remote,
  doing: string,
  send: (options: { abortSignal: AbortSignal }) => Promise<T>,
): Promise<T> {
  return within(remote.patience.question, doing, (signal) => remote.ask(doing, send, signal));
}

/** The port's key of a listed one; `undefined` for what is none: it was written by something else. */
function portKey(remote: Remote, listed: string): string | undefined {
  const whole = decoded(listed);
  const key = whole.slice(remote.settings.prefix.length);
  return whole.startsWith(remote.settings.prefix) && isKey(key) ? key : undefined;
}

/** Of `EncodingType: "url"`, without which a control character in somebody's key makes the answer unreadable. */
function decoded(listed: string): string {
  try {
    return decodeURIComponent(listed.replaceAll("+", " "));
  } catch {
    return "";
  }
}
