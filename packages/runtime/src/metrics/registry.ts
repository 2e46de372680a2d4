import { NAMES } from "@seakeep/contract";
import type { Format } from "./format.ts";

/** A prom-client registry, or anything that can write itself in an exposition format. */
export interface Registry {
  metrics(): Promise<string> | string;
  /** Media type of what `metrics` gives; default: the text format. */
  readonly contentType?: string;
}

/** The one format a registry speaks; `undefined` when it is neither of ours. */
export function formatOf({ contentType = "text/plain" }: Registry): Format | undefined {
  if (/^text\/plain\b/i.test(contentType)) return "text";
  return /^application\/openmetrics-text\b/i.test(contentType) ? "openmetrics" : undefined;
}

/** What a registry writes. A collector that never ends is given up, for it would cost the whole scrape. */
export async function collect(registry: Registry, deadline: number): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${deadline} ms`)), deadline).unref();
  });
  try {
    const text: unknown = await Promise.race([registry.metrics(), late]);
    if (typeof text !== "string") throw new TypeError(`metrics() gave ${typeof text}, not text`);
    return text;
  } finally {
    clearTimeout(timer);
  }
}

export type LeftOutReason = "its name is taken" | "it stands there twice" | "it cannot be read";

/** prom-client's default metrics have it as well, and it says the same: nothing to report. */
const SHARED: ReadonlySet<string> = new Set([NAMES.metrics.processStart]);

const SUFFIXES = /_(?:total|created|bucket|sum|count|info|gsum|gcount)$/;

const METADATA = /^# (?:HELP|TYPE|UNIT) (\S+)/;

const NUMBER = "[-+]?(?:[\\d.]+(?:e[-+]?\\d+)?|inf|nan)";
const LABEL = '[a-z_]\\w*="(?:[^"\\\\]|\\\\.)*"';
const LABELS = `\\{(?:${LABEL}(?:,${LABEL})*,?)?\\}`;
const START = `^([a-z_:][\\w:]*)(?:${LABELS})?[ \\t]+${NUMBER}`;

const SAMPLE: Readonly<Record<Format, RegExp>> = {
  text: new RegExp(`${START}(?:[ \\t]+-?\\d+)?$`, "i"),
  openmetrics: new RegExp(`${START}(?: ${NUMBER})?(?: # ${LABELS} ${NUMBER}(?: ${NUMBER})?)?$`, "i"),
};

/** Characters scanned before the writer gets a turn. */
const CHUNK = 32 * 1024;

/**
 * A registry's text, without the families that would spoil the page: those whose name, or a sample's name, is taken;
 * a second one of a name; those with a line that is no exposition. Empty chunks only give the event loop a turn.
 */
export function* others(
  page: string,
  format: Format,
  taken: ReadonlySet<string>,
  leftOut: (family: string, reason: LeftOutReason) => void,
): Generator<string, void, undefined> {
  const blocked = format === "text" ? taken : withFamilyNames(taken);
  const seen = new Set<string>();
  let family: Collected | undefined;
  let scanned = 0;

  for (const text of linesOf(page)) {
    if (text === "# EOF") break;
    const line = read(text, format);
    if (line === undefined) continue;
    if (family === undefined || !continues(family.name, line)) {
      yield* finish(family);
      family = begin(line.name);
    }
    if (line.kind === "unreadable") family.reason ??= "it cannot be read";
    else if (blocked.has(line.name)) family.reason = "its name is taken";
    if (family.reason === undefined) add(family, text);
    scanned += text.length;
    if (scanned < CHUNK) continue;
    scanned = 0;
    yield "";
  }
  yield* finish(family);

  function begin(name: string): Collected {
    const reason = seen.has(name) ? "it stands there twice" : undefined;
    seen.add(name);
    return { name, parts: [""], reason };
  }

  function* finish(done: Collected | undefined): Generator<string, void, undefined> {
    if (done === undefined) return;
    if (done.reason === undefined) yield* done.parts;
    else if (!SHARED.has(done.name)) leftOut(done.name, done.reason);
  }
}

interface Collected {
  readonly name: string;
  /** Its lines so far, in parts of about a chunk. */
  readonly parts: string[];
  reason: LeftOutReason | undefined;
}

function add({ parts }: Collected, line: string): void {
  const last = parts.length - 1;
  if (parts[last]!.length < CHUNK) parts[last] += `${line}\n`;
  else parts.push(`${line}\n`);
}

interface Line {
  readonly kind: "metadata" | "sample" | "unreadable";
  readonly name: string;
}

/** What a line is; `undefined` when it says nothing. */
function read(line: string, format: Format): Line | undefined {
  const metadata = METADATA.exec(line)?.[1];
  if (metadata !== undefined) return { kind: "metadata", name: metadata };
  if (line === "" || line.startsWith("#")) return undefined;
  const sample = SAMPLE[format].exec(line)?.[1];
  return sample === undefined
    ? { kind: "unreadable", name: line.slice(0, 80) }
    : { kind: "sample", name: sample };
}

/** Whether a line is still of the family. One that cannot be read spoils the family it stands in. */
function continues(family: string, { kind, name }: Line): boolean {
  if (kind === "unreadable" || name === family) return true;
  return kind === "sample" && name.replace(SUFFIXES, "") === family;
}

/** OpenMetrics names a counter's family without `_total`, so that name is taken as well. */
function withFamilyNames(taken: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...taken, ...Array.from(taken, (name) => name.replace(/_(?:total|info)$/, ""))]);
}

function* linesOf(text: string): Generator<string, void, undefined> {
  let start = 0;
  while (start < text.length) {
    const end = text.indexOf("\n", start);
    yield text.slice(start, end === -1 ? text.length : end);
    if (end === -1) return;
    start = end + 1;
  }
}
