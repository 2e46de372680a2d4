import { at, HEALTH } from "../change.ts";
import type { Exchange } from "../proxy.ts";
import { type Fault, oneInThree, RELEASE, type Row, table } from "./fault.ts";

const old = (exchange: Exchange): void => {
  exchange.body = Buffer.from(exchange.body.toString().replace(`"version":"${RELEASE}"`, '"version":"old"'));
};

const ROWS: readonly Row[] = [
  ["the deploy has not arrived", () => at(HEALTH, old), { given: "--expect-version" }],
  [
    "one instance in three is the old one",
    () => oneInThree(old, ({ path }) => path === HEALTH),
    { given: "--expect-version" },
  ],
];

/** What can be wrong with a rollout. */
export const VERSION_FAULTS: readonly Fault[] = table("version", ROWS);
