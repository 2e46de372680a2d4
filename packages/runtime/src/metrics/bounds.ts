import { METHODS, NAMES } from "@seakeep/contract";

const { otherMethod } = NAMES.values;

const KNOWN_METHODS: ReadonlySet<string> = new Set(METHODS);

/** Every value that the method label can have. */
export const ALL_METHODS: readonly string[] = [...METHODS, otherMethod];

/** The method, or `_OTHER` for one outside RFC 9110 and RFC 5789: clients may make them up. */
export function boundedMethod(method: string): string {
  return KNOWN_METHODS.has(method) ? method : otherMethod;
}

/** The status; one outside 100 to 599 is 500, as RFC 9110, section 15, asks of a client that receives it. */
export function boundedStatus(status: number): number {
  return Number.isInteger(status) && status >= 100 && status <= 599 ? status : 500;
}

/** The `x00` of a status, which RFC 9110, section 15, has clients take for one that they do not know. */
export function classOf(status: number): number {
  return Math.floor(status / 100) * 100;
}

/** No router's template is longer; what is, is a URL that should not be here. */
const LONGEST_TEMPLATE = 512;

/** NUL ends a line for some readers, and two lone surrogates would become one label value. */
const UNPRINTABLE = /[\0\p{Surrogate}]/u;

/** Whether a text can be the route label of its own. */
export function isTemplate(template: string): boolean {
  // Some routers take a pattern or a list as well; the type says that adapters turn those into text.
  return typeof template === "string" && template.length <= LONGEST_TEMPLATE && !UNPRINTABLE.test(template);
}

/**
 * Usual good answers, which a declared route shows at zero from the first scrape on: were only its errors there, the
 * first minute would be all errors. Routes of other methods (HEAD, OPTIONS, ...) wait for a request.
 */
export const SUCCESSES: ReadonlyMap<string, readonly number[]> = new Map([
  ["GET", [200]],
  ["POST", [200, 201]],
  ["PUT", [200, 204]],
  ["PATCH", [200, 204]],
  ["DELETE", [200, 204]],
]);

/**
 * Server errors whose counters exist from an endpoint's first scrape on. `increase()` needs a sample before the first
 * error, or a burst shorter than a scrape interval never happened.
 */
export const ERRORS_FROM_ZERO: readonly number[] = [500, 502, 503, 504];
