import type { CompletedPart } from "@aws-sdk/client-s3";
import { StoreError } from "../error.ts";
import type { StoredObject } from "../store.ts";
import { inspect } from "./inspect.ts";
import { MOST_PARTS, partSize } from "./parts.ts";
import { type Remote, within } from "./remote.ts";
import { confirm, conflict, digestOf, type Upload } from "./upload.ts";

/** How long a failed put tries to tidy up after itself; what it misses is left to `sweep`. Milliseconds. */
const TIDYING = 60_000;

/** Stores a body in parts. When anything fails, or the body does, the upload is aborted and nothing is visible. */
export async function putMultipart(upload: Upload, first: Uint8Array): Promise<StoredObject> {
  const { remote, key, options, keeping, signal } = upload;
  // Stores that ignore the condition on completion are told apart here, and once more just before and after it.
  if (options.ifAbsent) await refuseExisting(upload);
  const create = (send: { abortSignal: AbortSignal }) =>
    remote.s3.createMultipartUpload({ ...remote.at(key), ...keeping }, send);
  const { UploadId } = await remote.ask(`Beginning to write ${key}`, create, signal);
  const place = { ...remote.at(key), UploadId };
  let sent: { parts: CompletedPart[]; bytes: number };
  try {
    sent = await sendParts(upload, place, first);
    if (options.ifAbsent) await refuseExisting(upload);
    signal.throwIfAborted();
  } catch (error) {
    await tidy(remote, () => remote.s3.abortMultipartUpload(place));
    throw error;
  }
  return complete(upload, place, sent);
}

type Place = ReturnType<Remote["at"]> & { readonly UploadId: string | undefined };

async function sendParts(upload: Upload, place: Place, first: Uint8Array) {
  const { remote, key, parts: source, signal, fail } = upload;
  const parts: CompletedPart[] = [];
  const underWay = new Set<Promise<void>>();
  let bytes = 0;
  const send = async (number: number, part: Uint8Array) => {
    const input = { ...place, PartNumber: number, Body: part, ...digestOf(remote, part) };
    const request = (options: { abortSignal: AbortSignal }) => remote.s3.uploadPart(input, options);
    const { ETag } = await remote.ask(`Writing part ${number} of ${key}`, request, signal);
    if (ETag === undefined)
      throw new StoreError("unavailable", `Part ${number} of ${key} was given no ETag.`);
    parts.push({ PartNumber: number, ETag });
    source.giveBack(part);
  };
  try {
    for (let number = 1, next = { part: first, last: false }; ; ) {
      bytes += next.part.byteLength;
      const sending = send(number, next.part).finally(() => underWay.delete(sending));
      underWay.add(sending);
      // Ends the wait for a slow body as well; the failure itself is met below.
      sending.catch(fail);
      if (next.last) break;
      number++;
      if (number > MOST_PARTS) throw new StoreError("invalid", `${key} is larger than S3's 5 TiB.`);
      next = await source.next(partSize(number));
    }
    await Promise.all(underWay);
  } catch (error) {
    fail(error);
    await Promise.allSettled(underWay);
    throw error;
  }
  return { parts: parts.sort((a, b) => a.PartNumber! - b.PartNumber!), bytes };
}

async function complete(
  upload: Upload,
  place: Place,
  { parts, bytes }: { readonly parts: CompletedPart[]; readonly bytes: number },
): Promise<StoredObject> {
  const { remote, key, options, signal } = upload;
  const input = {
    ...place,
    MultipartUpload: { Parts: parts },
    ...(options.ifAbsent && { IfNoneMatch: "*" }),
  };
  const finish = (send: { abortSignal: AbortSignal }) => remote.s3.completeMultipartUpload(input, send);
  let stored: StoredObject;
  try {
    stored = await confirm(upload, bytes, remote.ask(`Completing ${key}`, finish, signal));
  } catch (error) {
    await tidy(remote, () => remote.s3.abortMultipartUpload(place));
    throw error;
  }
  try {
    await dress(upload);
  } catch (error) {
    await tidy(remote, () => remote.s3.deleteObject(remote.at(key)));
    throw error;
  }
  return stored;
}

/** Gives the complete object what some stores drop when it comes with an upload in parts: tags and lock. */
async function dress({ remote, key, options, keeping, signal }: Upload): Promise<void> {
  const { s3, settings } = remote;
  if (options.tags !== undefined && settings.tags) {
    const TagSet = Object.entries(options.tags).map(([Key, Value]) => ({ Key, Value }));
    const input = { ...remote.at(key), Tagging: { TagSet } };
    await remote.ask(`Tagging ${key}`, (send) => s3.putObjectTagging(input, send), signal);
  }
  const { ObjectLockMode: Mode, ObjectLockRetainUntilDate: RetainUntilDate } = keeping;
  if (Mode !== undefined && RetainUntilDate !== undefined) {
    const input = { ...remote.at(key), Retention: { Mode, RetainUntilDate } };
    await remote.ask(`Locking ${key}`, (send) => s3.putObjectRetention(input, send), signal);
  }
}

async function refuseExisting({ remote, key, signal }: Upload): Promise<void> {
  if ((await inspect(remote, key, signal)) !== undefined) throw conflict(key);
}

/** Tries to clean up after a failure; that failure is what is told, whatever comes of this. */
async function tidy(remote: Remote, send: () => Promise<unknown>): Promise<void> {
  const work = (signal: AbortSignal) => remote.ask("Tidying up", send, signal);
  await within(TIDYING, "Tidying up", work).catch(() => {});
}
