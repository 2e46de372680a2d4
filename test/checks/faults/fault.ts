import type { Exchange, Meddling } from "../proxy.ts";

/** The token that the service asks for, and the version that it says it is. */
export const TOKEN = "a-token-of-the-fault-table";
export const RELEASE = "scratch";

/** Something that is wrong with a service that otherwise does all it should. */
export interface Fault {
  readonly name: string;
  /** The check that must find it, and its verdict; `any` where it depends on chance which one is hit. */
  readonly found: readonly [
    by: "health" | "metrics-gate" | "openapi" | "problem-shape" | "version" | "any",
    verdict: "failed" | "unknown",
  ];
  /** What the default checks must be given to see it at all; most need nothing. */
  readonly given?: "the declaration" | "--expect-version";
  /** Made anew for each trial: some faults count. */
  readonly meddling: () => Meddling;
}

/** One line of a table. */
export type Row = readonly [
  name: string,
  meddling: () => Meddling,
  more?: { readonly verdict?: "unknown"; readonly given?: Fault["given"] & string },
];

/** The faults that one check must find. */
export function table(by: Fault["found"][0], rows: readonly Row[]): readonly Fault[] {
  return rows.map(([name, meddling, more = {}]) => {
    const { verdict = "failed" as const, given } = more;
    return { name, meddling, found: [by, verdict], ...(given === undefined ? {} : { given }) };
  });
}

export type Change = (exchange: Exchange) => void | Promise<void>;

/** A change of some exchanges. */
export function when(condition: (exchange: Exchange) => boolean, change: Change): Change {
  return (exchange) => (condition(exchange) ? change(exchange) : undefined);
}

export function isAnonymous({ sent }: Exchange): boolean {
  return sent.authorization === undefined;
}

/** Every third exchange of those that count, beginning with the third. */
export function oneInThree(change: Change, counts: (exchange: Exchange) => boolean = () => true): Meddling {
  let asked = 0;
  const isThird = (exchange: Exchange) => {
    if (!counts(exchange)) return false;
    asked += 1;
    return asked % 3 === 0;
  };
  return { after: when(isThird, change) };
}

/** A problem document, right but for what is changed. */
export function problem(changes: object = {}): object {
  return { type: "about:blank", title: "Not Found", status: 404, detail: "Nothing.", ...changes };
}
