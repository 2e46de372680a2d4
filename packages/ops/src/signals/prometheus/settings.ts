import { milliseconds } from "@seakeep/contract";
import type { Secret, Text } from "../../config/values.ts";
import type { SignalsScope } from "../declaration.ts";

/** Options of `prometheus()`. */
export interface PrometheusOptions {
  /** Sent as `Authorization: Bearer`, or with `user` as the password of Basic, to this origin only. */
  readonly token?: Secret;
  /** User of Basic authentication. */
  readonly user?: Text;
  /** Sent as `X-Scope-OrgID`: the tenant of Mimir, Cortex or Thanos. */
  readonly tenant?: Text;
  /** Labels that each series must have, where one server holds several clusters: `{ cluster: "eu-1" }`. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Time for each query; default `"30s"`. */
  readonly timeout?: string;
}

/** Checked options. */
export interface PrometheusSettings {
  /** Base URL, with a trailing slash: `api/v1/query` is below it. */
  readonly url: string;
  readonly token?: Secret;
  readonly user?: string;
  readonly tenant?: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly timeout: number;
}

const KNOWN = ["token", "user", "tenant", "labels", "timeout"];
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const PLAIN = /^[\x21-\x7e]+$/;
const LONGEST_TIMEOUT = 600_000;

/** Checks what was written, and tells every problem to the scope. */
export function resolveSettings(
  written: Text,
  options: PrometheusOptions,
  { text, secret, problem }: SignalsScope,
): PrometheusSettings | undefined {
  let sound = true;
  const wrong: SignalsScope["problem"] = (...report) => {
    sound = false;
    problem(...report);
  };
  for (const key of Object.keys(options).filter((name) => !KNOWN.includes(name))) {
    wrong(key, "an unknown key", `one of ${KNOWN.join(", ")}`, "Remove it.");
  }
  const url = baseUrl(text(written, "url"), wrong);
  const token = options.token === undefined ? undefined : secret(options.token, "token");
  const header = (key: "user" | "tenant") => {
    const value = options[key];
    const read = value === undefined ? undefined : text(value, key);
    if (value !== undefined && read === undefined) sound = false;
    if (read !== undefined && (!PLAIN.test(read) || (key === "user" && read.includes(":")))) {
      wrong(key, read, "printable ASCII without spaces", "It is sent as a header.");
    }
    return read;
  };
  const [user, tenant] = [header("user"), header("tenant")];
  const labels = options.labels ?? {};
  for (const [name, value] of Object.entries(labels)) {
    if (LABEL.test(name) && typeof value === "string") continue;
    wrong(`labels.${name}`, value, "a label name and a text", 'Write it like { cluster: "eu-1" }.');
  }
  const timeout = milliseconds(options.timeout ?? "30s");
  if (timeout === undefined || timeout < 100 || timeout > LONGEST_TIMEOUT) {
    wrong("timeout", options.timeout, 'a duration from "100ms" to "10m"', 'Write it like "30s".');
  }
  if (!sound || url === undefined || timeout === undefined) return undefined;
  if (options.token !== undefined && token === undefined) return undefined;
  return {
    url,
    ...(token === undefined ? {} : { token }),
    ...(user === undefined ? {} : { user }),
    ...(tenant === undefined ? {} : { tenant }),
    labels,
    timeout,
  };
}

function baseUrl(written: string | undefined, problem: SignalsScope["problem"]): string | undefined {
  if (written === undefined) return undefined;
  const url = URL.canParse(written) ? new URL(written) : undefined;
  const wanted = "an http(s) URL without credentials, query or fragment";
  const fix = "Write the base URL, such as https://prometheus.example.org; a token goes into options.";
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    problem("url", url === undefined ? written : url.protocol, wanted, fix);
    return undefined;
  }
  if (url.username + url.password + url.search + url.hash !== "") {
    // Not shown as written: it may hold credentials.
    problem("url", `${url.protocol}//${url.host}${url.pathname}`, wanted, fix);
    return undefined;
  }
  return url.href.replace(/\/*$/, "/");
}
