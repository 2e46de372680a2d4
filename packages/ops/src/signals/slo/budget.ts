import { type BurnWindow, burnWindows, type Slo } from "@seakeep/contract";
import type { Span } from "../signals.ts";
import { type CountScope, countSlo, type SloCount } from "./count.ts";

/** How an alert window of an SLO stands. */
export interface Burn {
  readonly window: BurnWindow;
  /** Multiples of the budget in the long and the short window; `undefined` where there was nothing to count. */
  readonly long: number | undefined;
  readonly short: number | undefined;
  /** True when the alert of this window would fire. `undefined`: could not tell. */
  readonly exceeded: boolean | undefined;
}

/** How the error budget of an SLO stands. */
export interface BudgetState {
  readonly slo: Slo;
  /** Events of the whole period; `undefined` when they cannot be told. */
  readonly count: SloCount | undefined;
  /**
   * Share of the period's budget that is spent: 0 untouched, 1 gone, above 1 overspent. `undefined` without events. What
   * was not measured is not spent: look at `count.coverage` for how much of the period that is.
   */
  readonly spent: number | undefined;
  /** The windows that page, fastest first; empty for an SLO that never pages. */
  readonly burns: readonly Burn[];
}

/**
 * Reads how the budget of an SLO stands at the end of `scope.span`, over the service's period, as the generated rules
 * compute it.
 *
 * @see Google SRE workbook, chapter 5
 */
export async function readBudget(scope: Omit<CountScope, "span">, slo: Slo, now: Date): Promise<BudgetState> {
  const before = (length: number): Span => ({ from: new Date(now.getTime() - length), to: now });
  const { window } = scope.service;
  const count = await countSlo({ ...scope, span: before(window) }, slo);
  const pages = slo.page ? burnWindows(slo.budget, window).filter(({ severity }) => severity === "page") : [];
  const burns: Burn[] = [];
  for (const page of pages) {
    const long = await countSlo({ ...scope, span: before(page.long) }, slo);
    const short = await countSlo({ ...scope, span: before(page.short) }, slo);
    burns.push(burn(slo, page, long, short));
  }
  return {
    slo,
    count,
    spent: spentBy(slo, count),
    burns,
  };
}

/** {@link BudgetState.spent} by the events of a whole period. */
export function spentBy({ budget }: Slo, count: SloCount | undefined): number | undefined {
  return count === undefined || count.total === 0
    ? undefined
    : (count.bad / count.total / budget) * count.coverage;
}

function burn(slo: Slo, window: BurnWindow, long: SloCount | undefined, short: SloCount | undefined): Burn {
  const ratio = (count: SloCount | undefined) =>
    count === undefined || count.total === 0 ? undefined : count.bad / count.total;
  const [longRatio, shortRatio] = [ratio(long), ratio(short)];
  const rate = (share: number | undefined) => (share === undefined ? undefined : share / slo.budget);
  const exceeded =
    longRatio === undefined || shortRatio === undefined
      ? undefined
      : longRatio > window.threshold &&
        shortRatio > window.threshold &&
        (long?.bad ?? 0) >= slo.minimumBadEvents;
  return { window, long: rate(longRatio), short: rate(shortRatio), exceeded };
}
