import type { S3 } from "@aws-sdk/client-s3";
import { BodyError } from "../body.ts";
import { StoreError } from "../error.ts";
import { failureOf, isTransient } from "./failure.ts";
import type { S3Settings } from "./options.ts";
import { PartBuffers } from "./parts.ts";
import { backoff, pause, type RetryPolicy } from "./retry.ts";

/** How long is waited for what. Milliseconds. */
export interface Patience {
  readonly retry: RetryPolicy;
  /** For a connection to be made. */
  readonly connect: number;
  /** Without a byte either way. */
  readonly idle: number;
  /** For one small question, its repetitions included. */
  readonly question: number;
  /** For a whole put or get. */
  readonly transfer: number;
}

export const PATIENCE: Patience = {
  retry: { attempts: 6, base: 400, cap: 20_000 },
  connect: 10_000,
  idle: 30_000,
  question: 5 * 60_000,
  transfer: 24 * 3_600_000,
};

/** One bucket, asked with patience. */
export interface Remote {
  readonly s3: S3;
  readonly settings: S3Settings;
  readonly patience: Patience;
  /** The Date header of each answer, by the answer's `$metadata`. */
  readonly dates: WeakMap<object, string>;
  readonly buffers: PartBuffers;
  /** The whole key of a key of the port. */
  at(key: string): { readonly Bucket: string; readonly Key: string };
  /**
   * Sends one request, again when it failed for the moment.
   *
   * @throws {StoreError} when it fails for good; the signal's reason when that said stop.
   */
  ask<T>(
    doing: string,
    send: (options: { abortSignal: AbortSignal }) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T>;
}

/** Loads the SDK and makes its client. Nothing is sent. */
export async function connect(settings: S3Settings, patience: Patience): Promise<Remote> {
  // Its notice about Node versions is for who chooses the SDK's version: us.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  const sdk = await import("@aws-sdk/client-s3");
  const { endpoint, region, bucket, prefix } = settings;
  const { AWS_REGION, AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL } = process.env;
  const isElsewhere = Boolean(endpoint ?? AWS_ENDPOINT_URL_S3 ?? AWS_ENDPOINT_URL);
  const chosen = region ?? (isElsewhere && !AWS_REGION ? "us-east-1" : undefined);
  const s3 = new sdk.S3({
    ...(endpoint !== undefined && { endpoint }),
    ...(chosen !== undefined && { region: chosen }),
    forcePathStyle: settings.forcePathStyle ?? isElsewhere,
    // Repetitions are ours: they end with a deadline, and a lost acknowledgement is no failure.
    maxAttempts: 1,
    requestHandler: { connectionTimeout: patience.connect, socketTimeout: patience.idle },
    // The signature covers the SHA-256 of every body already, and stores other than AWS lack newer checksums.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    expectContinueHeader: false,
  });
  const dates = new WeakMap<object, string>();
  s3.middlewareStack.add(
    (next) => async (request) => {
      const result = await next(request);
      const { headers } = result.response as { readonly headers?: Readonly<Record<string, string>> };
      if (headers?.date !== undefined && result.output) dates.set(result.output.$metadata, headers.date);
      return result;
    },
    { step: "deserialize", priority: "high" },
  );
  return {
    s3,
    settings,
    patience,
    dates,
    buffers: new PartBuffers(),
    at: (key) => ({ Bucket: bucket, Key: `${prefix}${key}` }),
    async ask(doing, send, signal) {
      for (let attempt = 1; ; attempt++) {
        signal.throwIfAborted();
        try {
          return await send({ abortSignal: signal });
        } catch (error) {
          signal.throwIfAborted();
          if (attempt >= patience.retry.attempts || !isTransient(error)) throw failureOf(error, doing);
        }
        await pause(backoff(patience.retry, attempt, Math.random()), signal);
      }
    },
  };
}

/**
 * Runs work that must end: its signal says stop at the deadline, and when the caller's says so.
 *
 * @param limit milliseconds
 */
export async function within<T>(
  limit: number,
  doing: string,
  work: (signal: AbortSignal, fail: (reason: unknown) => void) => Promise<T>,
  outer?: AbortSignal,
): Promise<T> {
  const { signal, fail, done } = stopping(limit, doing, outer);
  try {
    return await work(signal, fail);
  } finally {
    done();
  }
}

/** The signal of {@link within}, for work that is no single promise; call `done` at its end. */
export function stopping(
  limit: number,
  doing: string,
  outer?: AbortSignal,
): { readonly signal: AbortSignal; readonly fail: (reason: unknown) => void; readonly done: () => void } {
  const controller = new AbortController();
  const fail = (reason: unknown) => controller.abort(reason);
  const stop = () => fail(new BodyError(outer?.reason));
  if (outer?.aborted) stop();
  outer?.addEventListener("abort", stop, { once: true });
  const late = () => {
    const why = `It had not ended after ${Math.round(limit / 1000)} s.`;
    fail(new StoreError("unavailable", `${doing} failed.`, { why }));
  };
  const timer = setTimeout(late, limit);
  return {
    signal: controller.signal,
    fail,
    done() {
      clearTimeout(timer);
      outer?.removeEventListener("abort", stop);
    },
  };
}
