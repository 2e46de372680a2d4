import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { incompleteBeta, logGamma } from "./beta.ts";
import { binomialProbability, binomialTail, hypergeometricTail } from "./binomial.ts";
import { choose, ratio } from "./exact.testkit.ts";
import { normalQuantile, normalTail } from "./normal.ts";
import { ranksHigher } from "./ranks.ts";
import { studentQuantile, studentTail } from "./student.ts";

const close = (got: number, wanted: number): void => expect(Math.abs(got - wanted)).toBeLessThan(1e-9);
const closeOf = (got: number, wanted: number): void => expect(Math.abs(got / wanted - 1)).toBeLessThan(1e-9);

/** What others have published, with at least ten digits. */
describe("published values", () => {
  test("Fisher's tea tasting (The Design of Experiments, 1935): all four cups, then three of four", () => {
    close(hypergeometricTail(4, { marked: 4, others: 4, drawn: 4 }), 1 / 70);
    close(hypergeometricTail(3, { marked: 4, others: 4, drawn: 4 }), 17 / 70);
  });

  // One-sided p-values of R 3.6.2, fisher.test(alternative = "greater"), as SciPy holds its own to them:
  // https://github.com/scipy/scipy/blob/56b82470f928/scipy/stats/tests/fisher_exact_results_from_r.py
  test.each([
    [[100, 2, 1000, 5], 0.979790445314723],
    [[2, 7, 8, 2], 0.9990149169715733],
    [[5, 1, 10, 10], 0.1652173913043478],
    [[5, 15, 20, 20], 0.9849086665340765],
    [[5, 16, 16, 25], 0.9330176609214881],
    [[10, 5, 10, 1], 0.9782608695652174],
    [[10, 5, 10, 0], 1],
    [[5, 0, 1, 4], 0.02380952380952382],
    [[0, 5, 1, 4], 1],
    [[200, 7, 8, 300], 2.005657880388915e-122],
    [[28, 21, 6, 1957], 5.728437460831983e-44],
    [[190, 800, 200, 900], 0.2959825901308897],
  ] as const)("R's Fisher test of %j", ([a, b, c, d], p) =>
    closeOf(hypergeometricTail(a, { marked: a + c, others: b + d, drawn: a + b }), p),
  );

  // Two-sided, as R has it: all counts together that are no likelier than the one that was seen.
  // SciPy's tests of binom_test (scipy/stats/tests/test_morestats.py); the last is Mendel's peas, the example of R's binom.test.
  test.each([
    [100, 250, 0.5, 0.0018833009350757682],
    [201, 405, 0.5, 0.92085205962670713],
    [682, 925, 0.75, 0.38249155957481695],
  ])("the binomial test of %s of %s at %s", (seen, n, p, wanted) => {
    const limit = binomialProbability(seen, n, p) * (1 + 1e-7);
    const counts = Array.from({ length: n + 1 }, (_, x) => x);
    const far = counts.filter((x) => binomialProbability(x, n, p) <= limit);
    const low = far.findLast((x) => x <= n * p) ?? -1;
    const high = far.find((x) => x > n * p) ?? n + 1;
    close(1 - binomialTail(low + 1, n, p) + binomialTail(high, n, p), wanted);
  });

  // R's wilcox.test with 16 digits: https://github.com/scipy/scipy/blob/main/scipy/stats/tests/test_hypotests.py
  test("R's Wilcoxon test, exact: of the data of SciPy's gh-4933, either way", () => {
    const x = [210.05211, 110.19063, 307.918612];
    const y = [
      436.08811482466416, 416.37397329768191, 179.96975939463582, 197.8118754228619, 34.038757281225756,
      138.54220550921517, 128.7769351470246, 265.92721427951852, 275.6617533155341, 592.34083395416258,
      448.73177590617018, 300.61495185038905, 187.97508449019588,
    ];
    close(ranksHigher(x, y), 0.3517857142857);
    close(ranksHigher(y, x), 0.6946428571429);
  });

  test("and of Hollander and Wolfe's placental permeability, W = 35", () => {
    const term = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
    const early = [1.15, 0.88, 0.9, 0.74, 1.21];
    close(ranksHigher(early, term), 0.1272061272061);
    close(ranksHigher(term, early), 0.8967698967699);
  });

  // Quantiles of R 2.9.2, to twelve digits, as Apache Commons Math holds its own to them (src/test/R/TDistributionTestCases.R).
  test.each([
    [5, [5.89342953136, 3.36492999891, 2.57058183564, 2.01504837333, 1.47588404882]],
    [1, [318.308838986, 31.8205159538, 12.7062047362, 6.31375151468, 3.07768353718]],
  ] as const)("R's quantiles of Student's t with %s degrees of freedom", (df, quantiles) => {
    for (const [index, p] of [0.001, 0.01, 0.025, 0.05, 0.1].entries()) {
      close(studentTail(quantiles[index]!, df), p);
      close(studentTail(-quantiles[index]!, df), 1 - p);
      closeOf(studentQuantile(p, df), quantiles[index]!);
    }
  });

  test.each([
    [0.5, 0.691462461274013],
    [1, 0.841344746068543],
    [1.5, 0.933192798731142],
    [2, 0.977249868051821],
    [2.5, 0.993790334674224],
    [3, 0.99865010196837],
  ])("the normal distribution at %s (Abramowitz and Stegun, table 26.1)", (z, p) => {
    close(1 - normalTail(z), p);
    close(normalTail(-z), p);
    close(normalQuantile(1 - p), z);
  });
});

describe("values to forty digits", () => {
  // mpmath at 40 digits.
  test.each([
    [1, 1, 0.25],
    [2, 2, 0.09175170953613698],
    [2.228138851964939, 10, 0.025000000000904316],
    [3.5, 7.3, 0.004671569264242779],
    [12, 5, 3.544746258580761e-5],
    [0.1, 1000, 0.46018218451180204],
    [6, 30, 6.971384383602371e-7],
    [-2, 2, 1 - 0.09175170953613698],
  ])("Student's t of %s with %s degrees of freedom", (t, df, p) => closeOf(studentTail(t, df), p));

  test.each([
    [0.025, 10, 2.228138851986275],
    [0.0017, 6, 4.678847586628896],
    [0.05, 1, 6.313751514675043],
    [1e-6, 14, 7.742509426351132],
    [0.3, 2.5, 0.5973077382523175],
    [0.7, 2.5, -0.5973077382523175],
  ])("quantile of t at %s with %s degrees of freedom", (p, df, t) => closeOf(studentQuantile(p, df), t));

  test.each([
    [0.5, 2, 3, 0.6875],
    [0.2, 10, 0.5, 1.9949824936130947e-8],
    [0.999, 30, 0.5, 0.807237306159537],
    [0.01, 0.5, 200, 0.9549058928629203],
    [0.3, 150, 350, 0.5051926330832892],
  ])("incomplete beta of %s, %s, %s", (x, a, b, wanted) => closeOf(incompleteBeta(x, a, b), wanted));

  test.each([
    [0.1, 2.252712651734206],
    [0.5, 0.5723649429247001],
    [10, 12.80182748008147],
    [100.25, 360.28455963776423],
    [1e6, 12815504.569_147_61],
  ])("log gamma of %s", (x, wanted) => closeOf(logGamma(x), wanted));

  test.each([
    [0, 0.5],
    [0.5, 0.3085375387259869],
    [1.959963984540054, 0.025],
    [2.4999, 0.00621141837494459],
    [2.5, 0.006209665325776135],
    [6, 9.86587645037698e-10],
    [20, 2.7536241186062337e-89],
    [-1, 1 - 0.15865525393145705],
  ])("normal tail of %s", (z, p) => closeOf(normalTail(z), p));

  test("normal quantile of 0.025 and 0.975", () => {
    close(normalQuantile(0.025), 1.959963984540054);
    close(normalQuantile(0.975), -1.959963984540054);
  });
});

describe("exact arithmetic", () => {
  test("binomial probabilities, up to thousands, to twelve digits", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3000 }),
        fc.nat(),
        fc.integer({ min: 1, max: 999 }),
        (n, at, per) => {
          const x = at % (n + 1);
          const exact = ratio(
            choose(n, x) * BigInt(per) ** BigInt(x) * BigInt(1000 - per) ** BigInt(n - x),
            1000n ** BigInt(n),
          );
          expect(Math.abs(binomialProbability(x, n, per / 1000) - exact)).toBeLessThan(1e-12);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("Fisher's one-sided p-value of any table, to 1e-12", () => {
    const count = fc.integer({ min: 0, max: 400 });
    fc.assert(
      fc.property(count, count, count, count, (a, b, c, d) => {
        const [marked, others, drawn] = [a + c, b + d, a + b];
        let high = 0n;
        for (let x = a; x <= Math.min(marked, drawn); x++)
          high += choose(marked, x) * choose(others, drawn - x);
        const exact = ratio(high, choose(marked + others, drawn));
        expect(Math.abs(hypergeometricTail(a, { marked, others, drawn }) - exact)).toBeLessThan(1e-12);
      }),
      { numRuns: 60 },
    );
  });

  test("a million requests a side", () => {
    const urn = { marked: 10_300, others: 1_989_700, drawn: 1_000_000 };
    // mpmath at 40 digits.
    closeOf(hypergeometricTail(5300, urn), 0.0015687604458546698);
  });

  test("ranks, ties included, as counted one arrangement after the other", () => {
    const values = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(values, values, (ones, others) => {
        const all = [...ones, ...others];
        const rank = (value: number) =>
          all.filter((other) => other < value).length +
          (all.filter((other) => other === value).length + 1) / 2;
        const sum = (list: readonly number[]) => list.reduce((total, value) => total + rank(value), 0);
        let high = 0;
        let number = 0;
        for (let mask = 0; mask < 2 ** all.length; mask++) {
          const chosen = all.filter((_value, index) => ((mask >> index) & 1) === 1);
          if (chosen.length !== others.length) continue;
          number += 1;
          if (sum(chosen) >= sum(others) - 1e-9) high += 1;
        }
        close(ranksHigher(ones, others), high / number);
      }),
      { numRuns: 60 },
    );
  });

  test("many ranks: by the normal approximation; nothing is higher when all are equal", () => {
    const even = Array.from({ length: 30 }, (_, index) => 2 * index);
    const pairs = Array.from({ length: 28 }, (_, index) => 9 + 4 * Math.floor(index / 2));
    // scipy.stats.mannwhitneyu, asymptotic, with continuity correction.
    closeOf(ranksHigher(even, pairs), 0.10231720679939993);
    expect(ranksHigher(new Array(40).fill(1), new Array(40).fill(1))).toBe(1);
    expect(ranksHigher([], [1])).toBe(1);
  });
});

test("tails begin at one and never rise", () => {
  const urn = { marked: 9, others: 30, drawn: 12 };
  const tails = Array.from({ length: 12 }, (_, x) => hypergeometricTail(x, urn));
  expect(tails[0]).toBe(1);
  expect(hypergeometricTail(10, urn)).toBe(0);
  for (const [index, tail] of tails.entries()) expect(tail).toBeLessThanOrEqual(tails[index - 1] ?? 1);
});
