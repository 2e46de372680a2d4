import { BodyError } from "../body.ts";
import { checkKey, checkPrefix } from "../keys.ts";
import type { Store } from "../store.ts";
import { clockOf } from "./clock.ts";
import { getObject } from "./get.ts";
import { inspect } from "./inspect.ts";
import { abortUploads, listObjects, questionOf } from "./list.ts";
import type { S3Settings } from "./options.ts";
import { putObject } from "./put.ts";
import { connect, PATIENCE, type Patience, within } from "./remote.ts";

/** Opens the store in a bucket. Nothing is asked before its first call. */
export async function openS3Store(settings: S3Settings, patience: Patience = PATIENCE): Promise<Store> {
  const remote = await connect(settings, patience);
  return {
    url: `s3://${settings.bucket}/${settings.prefix}`.replace(/\/$/, ""),
    async put(key, body, options) {
      checkKey(key);
      return putObject(remote, key, body, options).catch(unwrap);
    },
    async *get(key, { signal } = {}) {
      checkKey(key);
      try {
        yield* getObject(remote, key, signal);
      } catch (error) {
        unwrap(error);
      }
    },
    async head(key) {
      checkKey(key);
      const seen = await within(patience.question, `Looking at ${key}`, (signal) =>
        inspect(remote, key, signal),
      );
      return seen && { key, bytes: seen.bytes, modified: seen.modified };
    },
    async *list(prefix) {
      checkPrefix(prefix);
      yield* listObjects(remote, prefix);
    },
    async delete(key) {
      checkKey(key);
      await questionOf(remote, `Deleting ${key}`, (send) => remote.s3.deleteObject(remote.at(key), send));
    },
    now: () => within(patience.question, "Reading the store's clock", (signal) => clockOf(remote, signal)),
    async sweep(prefix, before) {
      checkPrefix(prefix);
      return abortUploads(remote, prefix, before);
    },
    async close() {
      remote.s3.destroy();
    },
  };
}

/** What the body threw, or the caller's signal gave as its reason, comes as it is. */
function unwrap(error: unknown): never {
  throw error instanceof BodyError ? error.cause : error;
}
