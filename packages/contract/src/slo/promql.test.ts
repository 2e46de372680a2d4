import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { metricNames } from "../names.ts";
import { METHODS, parseRoute, type Route } from "../routes.ts";
import { edgeMatcher, quote, requestCount } from "./promql.ts";

type Series = Readonly<Record<string, string>>;
type Matcher = (series: Series) => boolean;

/** Reads the selectors of a query and applies them as Prometheus does: literals unquoted, patterns anchored. */
function selectorsOf(query: string): Matcher[] {
  const selectors: Matcher[] = [];
  const matcher = /([{,])(\w+)(=~|!~|!=|=)"((?:[^"\\]|\\.)*)"/gsy;
  for (let at = query.indexOf("{"); at >= 0; at = query.indexOf("{", at)) {
    const matchers: Matcher[] = [];
    matcher.lastIndex = at;
    for (let found = matcher.exec(query); found !== null; found = matcher.exec(query)) {
      at = matcher.lastIndex;
      matchers.push(matches(found[2]!, found[3]!, unquote(found[4]!)));
    }
    expect(query.slice(at)).toMatch(/^}\[5m\]\)( or increase\(requests{|\)$)/);
    selectors.push((series) => matchers.every((holds) => holds(series)));
  }
  return selectors;
}

function matches(label: string, operator: string, operand: string): Matcher {
  const pattern = operator.endsWith("~") ? new RegExp(`^(?:${operand})$`, "su") : undefined;
  return (series) => {
    const value = series[label] ?? "";
    const holds = pattern === undefined ? value === operand : pattern.test(value);
    return operator.startsWith("!") ? !holds : holds;
  };
}

/** Go's escapes, as far as they are written here; any other is a mistake. */
function unquote(text: string): string {
  return text.replace(/\\(?:x([0-9a-f]{2})|(.))/gs, (_all, hex: string | undefined, character: string) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    expect(['"', "\\", "n"]).toContain(character);
    return character === "n" ? "\n" : character;
  });
}

const names = metricNames("prometheus");
const count = (routes: readonly Route[], except: readonly Route[]): string =>
  requestCount({ names, job: 'job="x"', routes, except }, "requests", "5m");

/** What a literal or a pattern could trip over, and some that it could not. */
const character = fc.constantFrom(...'"\\\n\t\0{}()[]|.*+?^$,=~-#/:anxé😀');

// Templates that would mean one another, or end the literal, if they were not escaped.
const template = fc.oneof(
  fc.constantFrom(
    "/a",
    "/a/",
    "/a.b",
    "/axb",
    "/a|b",
    "/b",
    '/"}',
    "/\\",
    "/\\\\",
    "/{x}",
    "/*",
    "/.*",
    "/é",
    "/:id(\\d+)",
    "/$",
  ),
  fc.string({ unit: character }).map((text) => `/${text}`),
);
const route = fc
  .tuple(fc.constantFrom("", "", ...METHODS), template)
  .map(([method, path]) => parseRoute(method === "" ? path : `${method} ${path}`))
  .filter((parsed) => parsed !== undefined);
const routes = fc.array(route, { minLength: 1, maxLength: 6 });
const method = fc.constantFrom(...METHODS, "_OTHER");

const belongs = (list: readonly Route[], series: Series): boolean =>
  list.some(
    (one) => one.template === series.path_template && (one.method ?? series.method) === series.method,
  );

/** Requests of the given templates and of others. */
const requests = (list: readonly Route[]): fc.Arbitrary<Series[]> =>
  fc.array(
    fc.record({
      job: fc.constant("x"),
      method,
      path_template: fc.oneof(
        template,
        fc.constantFrom("_unmatched", "_other", "", ...list.map((one) => one.template)),
      ),
    }),
    { minLength: 1, maxLength: 20 },
  );

const withRequests = routes.chain((list) => fc.tuple(fc.constant(list), requests(list)));

describe("requestCount", () => {
  it("counts each request of the routes exactly once, and no other", () => {
    fc.assert(
      fc.property(withRequests, ([list, traffic]) => {
        const selectors = selectorsOf(count(list, []));
        for (const series of traffic) {
          const times = selectors.filter((holds) => holds(series)).length;
          expect(times).toBe(belongs(list, series) ? 1 : 0);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("counts each request of no excepted route exactly once, and none of them", () => {
    fc.assert(
      fc.property(withRequests, ([list, traffic]) => {
        const selectors = selectorsOf(count([], list));
        for (const series of traffic) {
          const times = selectors.filter((holds) => holds(series)).length;
          expect(times).toBe(belongs(list, series) ? 0 : 1);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("counts all requests of the job, and of no other job, without routes", () => {
    const [selector, ...more] = selectorsOf(count([], []));
    expect(more).toEqual([]);
    expect(selector!({ job: "x", method: "GET", path_template: "/a" })).toBe(true);
    expect(selector!({ job: "y", method: "GET", path_template: "/a" })).toBe(false);
  });

  it("reads as one would write it", () => {
    const upload = parseRoute("POST /upload/")!;
    expect(count([upload], [])).toBe(
      'sum(increase(requests{job="x",method="POST",path_template=~"/upload/"}[5m]))',
    );
    expect(count([], [upload])).toBe(
      'sum(increase(requests{job="x",path_template!~"/upload/"}[5m]) or ' +
        'increase(requests{job="x",method!~"POST",path_template="/upload/"}[5m]))',
    );
  });

  it("takes the labels of the service's naming, and matchers of its own", () => {
    const scope = {
      names: metricNames("otel"),
      job: 'job="x"',
      routes: [{ method: "GET", template: "/a" }],
      except: [],
    };
    expect(requestCount(scope, "m", "1h", 'le="0.5"')).toBe(
      'sum(increase(m{job="x",le="0.5",http_request_method="GET",http_route=~"/a"}[1h]))',
    );
  });
});

describe("quote", () => {
  test.each([
    ["plain", '"plain"'],
    ['a"b', '"a\\"b"'],
    ["a\\b", '"a\\\\b"'],
    ["a\nb", '"a\\nb"'],
    ["a\tb\u0000\u007f", '"a\\x09b\\x00\\x7f"'],
    ["é😀", '"é😀"'],
  ])("%j", (text, expected) => {
    expect(quote(text)).toBe(expected);
  });

  it("is read back as the same text, whatever it holds", () => {
    fc.assert(
      fc.property(fc.string({ unit: character }), (text) => {
        const literal = quote(text);
        expect(unquote(literal.slice(1, -1))).toBe(text);
        expect(literal.slice(1, -1)).not.toMatch(/(?<!\\)(?:\\\\)*"/);
        expect(literal).not.toContain("\n");
      }),
    );
  });
});

describe("edgeMatcher", () => {
  test.each([
    [0.5, 'le="0.5"'],
    [0.001, 'le="0.001"'],
    [1, 'le=~"1([.]0)?"'],
    [600, 'le=~"600([.]0)?"'],
  ])("of %d seconds", (seconds, expected) => {
    expect(edgeMatcher(seconds)).toBe(expected);
  });

  it("takes whole edges as Prometheus 2 and 3 store them, and no other edge", () => {
    const [, pattern] = /"(.*)"/.exec(edgeMatcher(1))!;
    const edge = new RegExp(`^(?:${pattern})$`);
    expect(["1", "1.0", "10", "1.5", "11", "1x0", "+Inf"].filter((text) => edge.test(text))).toEqual([
      "1",
      "1.0",
    ]);
  });
});
