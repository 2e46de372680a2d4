import type { StoredObject } from "../store.ts";
import { statusOf } from "./failure.ts";
import type { Remote } from "./remote.ts";

/** Marks an object as written by one put: how a put knows its own object again when the acknowledgement was lost. */
export const TOKEN = "seakeep-put";

/** An object with the mark of the put that wrote it. */
export interface Inspected extends StoredObject {
  readonly token: string | undefined;
}

/** What the store says of an object; `undefined` when there is none. */
export function inspect(remote: Remote, key: string, signal: AbortSignal): Promise<Inspected | undefined> {
  const look = async (options: { abortSignal: AbortSignal }): Promise<Inspected | undefined> => {
    try {
      const seen = await remote.s3.headObject(remote.at(key), options);
      if (seen.ContentLength === undefined || seen.LastModified === undefined) {
        throw new Error("a HEAD answer without length and time");
      }
      return { key, bytes: seen.ContentLength, modified: seen.LastModified, token: seen.Metadata?.[TOKEN] };
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  };
  return remote.ask(`Looking at ${key}`, look, signal);
}
