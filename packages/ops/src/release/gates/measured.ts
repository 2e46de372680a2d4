import { NAMES } from "@seakeep/contract";
import type { Ops } from "../../config/ops.ts";
import type { Signals } from "../../signals/signals.ts";
import { spentBy } from "../../signals/slo/budget.ts";
import { countSlo } from "../../signals/slo/count.ts";
import type { Alerts, BudgetLeft } from "./facts.ts";

/** Rules are evaluated every few seconds to minutes; what was recorded longer ago says nothing of now. */
const RECENT = 10 * 60_000;

/** Which alerts fire, and whether anybody evaluates the rules that raise them. */
export async function readAlerts(
  signals: Signals,
  { service }: Ops,
  now: Date,
  signal: AbortSignal,
): Promise<Alerts | undefined> {
  const firing = await signals.firing(service.name, signal);
  if (firing === undefined) return undefined;
  // The rules record this beside the alerts that they raise.
  const selector = { metric: NAMES.rules.info, labels: { [NAMES.rules.service]: service.name } };
  const recorded = await signals.latest(
    selector,
    { from: new Date(now.getTime() - RECENT), to: now },
    signal,
  );
  return { firing, evaluated: recorded.length > 0 };
}

/** What is left of each error budget over the period that ends now. */
export async function readBudgets(
  signals: Signals,
  { service }: Ops,
  now: Date,
  signal: AbortSignal,
): Promise<readonly BudgetLeft[]> {
  const span = { from: new Date(now.getTime() - service.window), to: now };
  const budgets: BudgetLeft[] = [];
  for (const slo of service.slos) {
    const count = await countSlo({ signals, service, span, signal }, slo);
    budgets.push({ slo: slo.name, ...(count && { count, left: 1 - (spentBy(slo, count) ?? 0) }) });
  }
  return budgets;
}
