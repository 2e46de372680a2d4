import type { Service } from "@seakeep/contract";
import type { Secret } from "../config/values.ts";
import type { Send } from "./http.ts";
import type { Shake } from "./tls/handshake.ts";

/** What a check found out. `unknown` is never a pass: it says that the check could not see. */
export type VerdictName = "passed" | "failed" | "unknown";

/** One thing that keeps a check from passing. */
export interface Finding {
  readonly verdict: "failed" | "unknown";
  /** One sentence: what was seen, and what was wanted. */
  readonly reason: string;
  /** One sentence: what to do about it. */
  readonly fix: string;
}

/** The outcome of one run of a check. */
export interface Verdict {
  readonly verdict: VerdictName;
  /** One sentence: why. With several findings, the first of the worst. */
  readonly reason: string;
  /** What to do; absent when the check passed. */
  readonly fix?: string;
  /** Everything that was found, the worst first; empty exactly when the check passed. */
  readonly findings: readonly Finding[];
  /** What was seen and not judged, such as a part that could not be tried. */
  readonly notes: readonly string[];
}

/** Where a service exposes its metrics. */
export interface MetricsEndpoint {
  readonly path: string;
  readonly token?: Secret;
}

/** What a check may use: the service's address, what it declares, and one way to ask it something. */
export interface CheckContext {
  /** The service. Paths are put below it, whether it ends in a slash or not. */
  readonly url: URL;
  /** The declaration, when the command was given a configuration. */
  readonly service: Service | undefined;
  /** Where the configuration says that metrics are, and the token that they ask for. */
  readonly metrics: MetricsEndpoint;
  /** Sends one request to the service. It never throws, and every exchange becomes evidence. */
  readonly send: Send;
  /** Begins TLS with a host, and tells what came of it. It never throws, and leaves evidence as `send` does. */
  readonly shake: Shake;
  /** Aborted when the check's time is up or the run is interrupted. */
  readonly signal: AbortSignal;
  /** Milliseconds until the check's time is up. */
  readonly timeLeft: () => number;
  readonly date: () => Date;
  /** Reads a secret, `undefined` when it is not set; from then on its value is removed from all that is reported. */
  readonly secret: (secret: Secret) => Promise<string | undefined>;
  /** Removes a value from all that is reported, as `secret` does with those it read. */
  readonly hide: (value: string) => void;
  /** Thirty-two random hex digits, new each time. */
  readonly random: () => string;
}

/**
 * One thing to find out about a running service. Kinds are functions that return one: {@link health}, {@link http},
 * {@link journey} and the others; {@link check} makes one of a plain function.
 */
export interface Check {
  /** The folder it comes from: `metrics-gate`. */
  readonly kind: string;
  /** Unique in a run; the kind unless the configuration says otherwise. */
  readonly name: string;
  readonly run: (context: CheckContext) => Promise<Verdict>;
}

/** Options that every kind takes. */
export interface CommonCheckOptions {
  /** What to call it in reports and `--only`; default: the kind. Needed when a kind is used twice. */
  readonly name?: string;
}
