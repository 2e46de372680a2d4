/** An answer, as far as a scrape needs it. */
export interface Fetched {
  readonly status: number;
  readonly mediaType: string;
  readonly text: string;
}

export interface RequestOptions {
  readonly fetch: typeof fetch;
  /** Sent to this URL only: no redirect is followed. */
  readonly token?: string | undefined;
  /** Milliseconds, for the whole answer. */
  readonly timeout: number;
  /** Bytes, decompressed. */
  readonly largest: number;
  readonly signal: AbortSignal;
}

/** GETs a URL, whole and bounded; answers why there is no answer as a text. */
export async function request(
  url: URL,
  { fetch, token, timeout, largest, signal }: RequestOptions,
): Promise<Fetched | string> {
  try {
    const response = await fetch(url, {
      headers: {
        accept: "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
        "user-agent": "seakeep-signals",
        "cache-control": "no-cache",
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
    });
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of response.body ?? []) {
      bytes += (chunk as Uint8Array).byteLength;
      if (bytes > largest) return `the answer is longer than ${largest} bytes`;
      chunks.push(chunk as Uint8Array);
    }
    const mediaType = (response.headers.get("content-type") ?? "").split(";")[0]!.trim().toLowerCase();
    return { status: response.status, mediaType, text: Buffer.concat(chunks).toString("utf8") };
  } catch (error) {
    if (signal.aborted) throw error;
    if (error instanceof Error && error.name === "TimeoutError") return `no answer within ${timeout} ms`;
    const cause = error instanceof Error ? error.cause : undefined;
    const code = cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined;
    return `no answer (${code ?? "the connection broke"})`;
  }
}
