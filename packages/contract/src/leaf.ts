import * as v from "valibot";
import { milliseconds } from "./units.ts";

const isDuration = (value: unknown): boolean =>
  typeof value === "string" && milliseconds(value) !== undefined;

const COUNT = "a whole number of at least 1";

interface Leaves {
  readonly objective: v.GenericSchema<number>;
  readonly duration: v.GenericSchema<string>;
  readonly path: v.GenericSchema<string>;
  readonly routes: v.GenericSchema<string[]>;
  readonly count: v.GenericSchema<number>;
}

/** Schemas of the values that declarations are made of. Each message is what was wanted, with an example. */
export const leaf: Leaves = {
  objective: v.number("a percentage between 0 and 100, such as 99.9"),
  duration: v.custom<string>(isDuration, 'a duration in whole milliseconds, such as "500ms", "30s" or "24h"'),
  path: v.pipe(
    v.string('a path such as "/healthz"'),
    v.regex(/^\/[^\s?#\p{C}]*$/u, 'a path that begins with "/" and has no query'),
    v.maxLength(1000, "a path of at most 1000 characters"),
  ),
  routes: v.array(v.string('a route such as "POST /api/v1/upload/"'), "a list of routes"),
  count: v.pipe(v.number(COUNT), v.safeInteger(COUNT), v.minValue(1, COUNT)),
};
