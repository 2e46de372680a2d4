import { SeakeepError } from "@seakeep/contract";

/** One series of an answer. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  /** Milliseconds, ascending. */
  readonly times: readonly number[];
  readonly values: readonly number[];
}

/** The question was too large for the server or for this process; half of it may do. */
export class TooMuch extends SeakeepError {
  constructor(where: string, how: string) {
    super("SK-SIGNALS-007", `${where} was asked for too much${how}.`);
  }
}

interface Limits {
  /** The server's URL, to say whose answer it was. */
  readonly where: string;
  /** Bytes. */
  readonly largest: number;
}

/**
 * Reads an answer of the Prometheus HTTP API, and nothing else: no web page, no redirect, no part of the truth.
 *
 * @see https://prometheus.io/docs/prometheus/latest/querying/api/
 */
export async function readAnswer(response: Response, { where, largest }: Limits): Promise<readonly Series[]> {
  const { status } = response;
  if (status >= 300 && status < 400) {
    await response.body?.cancel();
    throw new SeakeepError("SK-SIGNALS-005", `${where} answered with a redirect (${status}).`);
  }
  const text = await readText(response, { where, largest });
  if (status === 401 || status === 403) {
    throw new SeakeepError("SK-SIGNALS-003", `${where} answered ${status}.`);
  }
  const body = parse(text);
  const said = typeof body?.error === "string" ? `: ${printable(body.error)}` : "";
  if (status >= 400 || body?.status === "error") {
    // The API's own 4xx and 5xx; else a proxy's.
    if (/too many samples|exceeded|limit|max(imum)? /i.test(said) && status === 422)
      throw new TooMuch(where, said);
    if (body?.status === "error") {
      throw new SeakeepError("SK-SIGNALS-004", `${where} answered ${status}${said}.`);
    }
    throw new SeakeepError(
      status >= 500 ? "SK-SIGNALS-002" : "SK-SIGNALS-005",
      `${where} answered ${status}.`,
    );
  }
  if (body?.status !== "success") {
    const type = response.headers.get("content-type") ?? "no content type";
    throw new SeakeepError("SK-SIGNALS-005", `${where} answered ${printable(type)}, not a query's result.`);
  }
  const warnings = [body.warnings ?? []].flat();
  if (warnings.length > 0 || body.isPartial === true) {
    const why = warnings.length > 0 ? printable(String(warnings[0])) : "the response is partial";
    throw new SeakeepError("SK-SIGNALS-006", `${where} could not see everything: ${why}.`);
  }
  return readSeries(body.data, where);
}

interface Body {
  readonly status?: unknown;
  readonly error?: unknown;
  readonly warnings?: unknown;
  readonly isPartial?: unknown;
  readonly data?: { readonly resultType?: unknown; readonly result?: unknown };
}

function parse(text: string): Body | undefined {
  try {
    const body = JSON.parse(text) as unknown;
    return typeof body === "object" && body !== null ? body : undefined;
  } catch {
    return undefined;
  }
}

type Point = readonly [time: number, value: string];

function readSeries(data: Body["data"], where: string): readonly Series[] {
  const strange = () =>
    new SeakeepError("SK-SIGNALS-005", `${where} answered with a result of another shape.`);
  if (!Array.isArray(data?.result)) throw strange();
  return (data.result as { metric?: Record<string, string>; value?: Point; values?: Point[] }[]).map(
    (entry) => {
      const points = entry?.values ?? (entry?.value === undefined ? undefined : [entry.value]);
      if (typeof entry?.metric !== "object" || !Array.isArray(points)) throw strange();
      const times = new Array<number>(points.length);
      const values = new Array<number>(points.length);
      for (const [index, point] of points.entries()) {
        const [time, value] = point ?? [];
        if (typeof time !== "number" || typeof value !== "string") throw strange();
        times[index] = Math.round(time * 1000);
        values[index] = toNumber(value);
      }
      const { __name__: _, ...labels } = entry.metric;
      return { labels, times, values };
    },
  );
}

function toNumber(text: string): number {
  if (text === "+Inf" || text === "Inf") return Number.POSITIVE_INFINITY;
  return text === "-Inf" ? Number.NEGATIVE_INFINITY : Number(text);
}

async function readText(response: Response, { where, largest }: Limits): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += (chunk as Uint8Array).byteLength;
    // Leaving the loop cancels the rest.
    if (bytes > largest) throw new TooMuch(where, `: the answer has more than ${largest} bytes`);
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** A server's words, short and without what a terminal would obey. */
function printable(text: string): string {
  return text.replace(/[\p{C}\u2028\u2029]+/gu, " ").slice(0, 200);
}
