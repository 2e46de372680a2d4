import { StoreError } from "../error.ts";
import { type Remote, stopping } from "./remote.ts";
import { backoff, pause } from "./retry.ts";

/**
 * The bytes of an object. A connection that is cut is taken up again where it broke, with the version that was begun
 * (If-Match) and no other.
 */
export async function* getObject(
  remote: Remote,
  key: string,
  outer: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const { retry, transfer } = remote.patience;
  const doing = `Reading ${key}`;
  const { signal, done } = stopping(transfer, doing, outer);
  let begun: { readonly ETag: string | undefined; readonly size: number } | undefined;
  let at = 0;
  let failures = 0;
  try {
    for (;;) {
      const rest = begun && { Range: `bytes=${at}-`, IfMatch: begun.ETag };
      const request = { ...remote.at(key), ...rest };
      const answer = await remote
        .ask(doing, (options) => remote.s3.getObject(request, options), signal)
        .catch((error: unknown) => {
          throw begun && error instanceof StoreError && error.reason === "conflict"
            ? changed(key, at)
            : error;
        });
      const start = begun === undefined ? 0 : Number(/^bytes (\d+)-/.exec(answer.ContentRange ?? "")?.[1]);
      if (start !== at || answer.ContentLength === undefined || !answer.Body)
        throw unfit(key, answer.ContentRange);
      begun ??= { ETag: answer.ETag, size: answer.ContentLength };
      try {
        for await (const chunk of answer.Body as unknown as AsyncIterable<Uint8Array>) {
          at += chunk.byteLength;
          if (at > begun.size) throw unfit(key, `${at} of ${begun.size} bytes`);
          failures = 0;
          yield chunk;
        }
      } catch (error) {
        if (error instanceof StoreError) throw error;
      }
      if (at === begun.size) return;
      signal.throwIfAborted();
      failures++;
      if (failures >= retry.attempts || begun.ETag === undefined) throw cut(key, at, begun.size);
      await pause(backoff(retry, failures, Math.random()), signal);
    }
  } finally {
    done();
  }
}

function changed(key: string, at: number): StoreError {
  const why = `Somebody wrote or deleted it after ${at} bytes had been read.`;
  return new StoreError("unavailable", `${key} changed while it was read.`, { why });
}

function cut(key: string, at: number, size: number): StoreError {
  const why = "The connection was cut again and again without another byte.";
  return new StoreError("unavailable", `${key} ended after ${at} of ${size} bytes.`, { why });
}

function unfit(key: string, got: string | undefined): StoreError {
  const why = `The store sent another range than was asked for: ${got ?? "none"}.`;
  return new StoreError("unavailable", `${key} could not be read.`, { why });
}
