import type { Problems } from "@seakeep/contract";
import type { Secret, Text } from "../config/values.ts";
import type { Signals } from "./signals.ts";

/** What a kind of signals may ask of the configuration that it stands in. */
export interface SignalsScope {
  /** The text, with the environment read; adds a problem and answers `undefined` when the variable is missing. */
  readonly text: (written: Text, key: string) => string | undefined;
  /** The secret's name; adds a problem and answers `undefined` when a plain value stands in its place. */
  readonly secret: (written: Secret, key: string) => Secret | undefined;
  /** Adds a problem at a key of this kind. */
  readonly problem: Problems["add"];
}

/** The edges of the process that reading signals touches. */
export interface SignalsEdges {
  readonly fetch: typeof fetch;
  readonly secret: (secret: Secret) => Promise<string | undefined>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** How often the service is scraped, milliseconds: what is a gap depends on it. */
  readonly scrapeInterval: number;
}

/** Signals whose settings are known to be good, not yet asked for anything. */
export interface SignalsSettings {
  readonly kind: string;
  /** URL or path, without secrets: what to show when it fails. */
  readonly where: string;
  /** @throws {SeakeepError} `SK-SIGNALS-*` when it is known now that it cannot be asked. */
  open(edges: SignalsEdges): Promise<Signals>;
}

/** What `prometheus(...)` and `embedded(...)` return. Nothing is checked before the configuration is loaded. */
export interface SignalsDeclaration {
  readonly kind: string;
  /** Checks what was written and reads the environment that it names; `undefined` when problems were added. */
  readonly resolve: (scope: SignalsScope) => SignalsSettings | undefined;
}
