import type { Service } from "@seakeep/contract";
import type { Ops } from "../../config/ops.ts";
import { ALERTS } from "../../generate/alerts.ts";
import type { FiringAlert, Signals } from "../../signals/signals.ts";
import { readBudget, spentBy } from "../../signals/slo/budget.ts";
import { countSlo } from "../../signals/slo/count.ts";
import type { Alerts, BudgetLeft } from "./facts.ts";

/** Which alerts fire: as the rules of Prometheus say, or where there are none, as our own records add up. */
export async function readAlerts(
  signals: Signals,
  { service }: Ops,
  now: Date,
  signal: AbortSignal,
): Promise<Alerts> {
  const firing = await signals.firing(service.name, signal);
  if (firing !== undefined) return { by: "rules", firing };
  // A Prometheus without the rules is a fault to be told; the embedded records never have any.
  return signals.kind === "embedded" ? await readBurns(signals, service, now, signal) : { by: "rules" };
}

/** What `ErrorBudgetBurn` would say. */
async function readBurns(
  signals: Signals,
  service: Service,
  now: Date,
  signal: AbortSignal,
): Promise<Alerts> {
  const firing: FiringAlert[] = [];
  for (const slo of service.slos.filter(({ page }) => page)) {
    const { burns } = await readBudget({ signals, service, signal }, slo, now);
    const exceeded = burns.find((burn) => burn.exceeded);
    if (exceeded !== undefined) {
      const since = new Date(now.getTime() - exceeded.window.short);
      firing.push({ name: ALERTS.burn, labels: { severity: "page", slo: slo.name }, since });
    } else if (burns.some((burn) => burn.exceeded === undefined)) return { by: "burn rates" };
  }
  return { by: "burn rates", firing };
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
