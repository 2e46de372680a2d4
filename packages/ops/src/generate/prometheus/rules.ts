import { formatDuration, type Service } from "@seakeep/contract";
import type { Timing } from "../timing.ts";
import { burnAlert } from "./burn-alert.ts";
import { missingDataAlert, targetAlerts } from "./presence.ts";
import { fastRules, metaRules, slowRules } from "./recording.ts";
import { type Rule, type RuleGroup, ruleContext } from "./rule.ts";

/** Every rule of a service. The kinds of its SLOs are not known here: only their counts are. */
export function ruleGroups(service: Service, timing: Timing): RuleGroup[] {
  const fast = formatDuration(timing.fast);
  const slow = formatDuration(timing.slow);
  return [
    { name: `seakeep-targets-${service.name}`, interval: fast, rules: targetAlerts(service, timing) },
    ...service.slos.flatMap((slo): RuleGroup[] => {
      const context = ruleContext(service, slo, timing);
      const name = `${service.name}-${slo.name}`;
      // An alert stands in the group that records what it reads, after it: it then never sees a stale sample.
      return [
        {
          name: `seakeep-sli-${name}`,
          interval: fast,
          rules: present([...fastRules(context), burnAlert(context, "page")]),
        },
        {
          name: `seakeep-sli-slow-${name}`,
          interval: slow,
          rules: present([...slowRules(context), burnAlert(context, "ticket"), missingDataAlert(context)]),
        },
        { name: `seakeep-meta-${name}`, interval: fast, rules: metaRules(context) },
      ];
    }),
  ];
}

function present(rules: readonly (Rule | undefined)[]): Rule[] {
  return rules.filter((rule) => rule !== undefined);
}
