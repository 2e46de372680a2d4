import type { Format } from "./format.ts";

/** Media type and version that each format is; a range without a version takes any. */
const SPEAKS: Readonly<Record<Format, { readonly type: string; readonly version: string }>> = {
  text: { type: "text/plain", version: "0.0.4" },
  openmetrics: { type: "application/openmetrics-text", version: "1.0.0" },
};

/**
 * The format that an `Accept` header asks for (RFC 9110, section 12.5.1): OpenMetrics only when it is liked better, so
 * that curl and browsers get text. A header that takes neither gets text too: a 406 would tell a person nothing.
 */
export function negotiate(accept: string | undefined): Format {
  if (accept === undefined) return "text";
  const ranges = accept.split(",").map(readRange);
  return quality(ranges, "openmetrics") > quality(ranges, "text") ? "openmetrics" : "text";
}

interface Range {
  readonly type: string;
  readonly version: string | undefined;
  readonly quality: number;
}

function readRange(text: string): Range {
  const [type = "", ...parameters] = text.split(";").map((part) => part.trim().toLowerCase());
  const value = (name: string) =>
    parameters
      .find((parameter) => parameter.startsWith(`${name}=`))
      ?.slice(name.length + 1)
      .replaceAll('"', "");
  const written = Number(value("q") ?? 1);
  return { type, version: value("version"), quality: written >= 0 && written <= 1 ? written : 0 };
}

/** The quality of the most exact range that takes a format; 0 when none does. */
function quality(ranges: readonly Range[], format: Format): number {
  const { type, version } = SPEAKS[format];
  const main = type.slice(0, type.indexOf("/"));
  const of = (wanted: string) =>
    ranges.filter((range) => range.type === wanted && (range.version ?? version) === version);
  for (const exactness of [of(type), of(`${main}/*`), of("*/*")]) {
    if (exactness.length > 0) return Math.max(...exactness.map((range) => range.quality));
  }
  return 0;
}
