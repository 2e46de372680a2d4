import {
  availability,
  defineService,
  errors,
  latency,
  type Naming,
  type ServiceDeclaration,
} from "@seakeep/contract";
import { describe, expect, it } from "vitest";
import { defineOps } from "../../config/define.ts";
import { resolveOps } from "../../config/resolve.ts";
import { timing } from "../timing.ts";
import type { AlertingRule, RecordingRule, Rule } from "./rule.ts";
import { ruleGroups } from "./rules.ts";

function groups(declaration: Partial<ServiceDeclaration> = {}, scale = "1") {
  const service = defineService({
    name: "shop",
    owner: "sales",
    slos: [errors({ objective: 99 })],
    ...declaration,
  });
  const ops = resolveOps(defineOps({ service, url: "http://a:1" }), {}, "seakeep.config.ts");
  return ruleGroups(service, timing(ops, scale));
}

const rules = (...given: Parameters<typeof groups>): Rule[] =>
  groups(...given).flatMap((group) => group.rules);
const isRecord = (rule: Rule): rule is RecordingRule => "record" in rule;
const records = (...given: Parameters<typeof groups>) => rules(...given).filter(isRecord);
const alerts = (...given: Parameters<typeof groups>) =>
  rules(...given).filter((rule): rule is AlertingRule => "alert" in rule);

describe("ruleGroups", () => {
  it("records Sloth's names, each with the labels of one SLO", () => {
    const all = records();
    expect(new Set(all.map(({ record }) => record))).toEqual(
      new Set([
        ...["5m", "30m", "1h", "2h", "6h", "1d", "3d", "30d"].map(
          (window) => `slo:sli_error:ratio_rate${window}`,
        ),
        ...["5m", "1h", "6h", "1d", "3d"].map((window) => `slo:sli_bad:increase${window}`),
        "slo:sli_total:increase5m",
        "slo:period_covered:ratio",
        "slo:objective:ratio",
        "slo:error_budget:ratio",
        "slo:time_period:days",
        "slo:current_burn_rate:ratio",
        "slo:period_burn_rate:ratio",
        "slo:period_error_budget_remaining:ratio",
        "seakeep_slo_info",
      ]),
    );
    for (const { labels } of all) {
      expect(labels).toMatchObject({ seakeep_id: "shop/errors", service: "shop", slo: "errors" });
    }
  });

  it("records nothing twice", () => {
    const identities = records({
      slos: [errors({ objective: 99 }), latency({ objective: 95, threshold: "1s" })],
    }).map(({ record, labels }) => `${record} ${labels.slo}`);
    expect(new Set(identities).size).toBe(identities.length);
  });

  it("never divides by what may be zero", () => {
    for (const { record, expr } of records()) {
      if (record.startsWith("slo:sli_error:ratio_rate")) expect(expr).toMatch(/ \/ \(.* > 0\)$/);
    }
  });

  it("sums the long windows from disjoint counts, as many of them as the interval they are recorded at", () => {
    const slow = groups().find(({ name }) => name === "seakeep-sli-slow-shop-errors")!;
    expect(slow.interval).toBe("5m");
    const month = slow.rules.filter(isRecord).find(({ record }) => record === "slo:sli_error:ratio_rate30d")!;
    expect(month.expr).toBe(
      'sum_over_time(slo:sli_bad:increase5m{seakeep_id="shop/errors"}[30d]) / ' +
        '(sum_over_time(slo:sli_total:increase5m{seakeep_id="shop/errors"}[30d]) > 0)',
    );
  });

  it("puts each alert behind what it reads in the same group, or reads what is recorded more often", () => {
    for (const group of groups()) {
      group.rules.forEach((rule, index) => {
        if (isRecord(rule) || !rule.alert.startsWith("ErrorBudget")) return;
        const before = group.rules
          .slice(0, index)
          .filter(isRecord)
          .map(({ record }) => record);
        const slow = ["slo:sli_error:ratio_rate1d", "slo:sli_error:ratio_rate3d", "slo:sli_bad:increase1d"];
        for (const name of slow.filter((each) => rule.expr.includes(each))) expect(before).toContain(name);
      });
    }
  });

  it("asks both windows and a minimum of bad events of every alert", () => {
    const [page, ticket] = alerts({ slos: [errors({ objective: 99, minimumBadEvents: 7 })] }).filter(
      ({ alert }) => alert === "ErrorBudgetBurn",
    );
    const series = (name: string) => `${name}{seakeep_id="shop/errors"}`;
    expect(page?.expr.split("\n").map((line) => line.trim())).toEqual([
      `(${series("slo:sli_error:ratio_rate5m")} > 0.144`,
      `and ${series("slo:sli_error:ratio_rate1h")} > 0.144`,
      `and ${series("slo:sli_bad:increase1h")} >= 7)`,
      "or",
      `(${series("slo:sli_error:ratio_rate30m")} > 0.06`,
      `and ${series("slo:sli_error:ratio_rate6h")} > 0.06`,
      `and ${series("slo:sli_bad:increase6h")} >= 7)`,
    ]);
    expect(ticket?.labels).toEqual({ service: "shop", slo: "errors", severity: "ticket" });
    expect(ticket?.expr).toContain("> 0.03");
  });

  it("leaves the page out of an SLO that asks for tickets only", () => {
    const severities = alerts({ slos: [errors({ objective: 99, page: false })] })
      .filter(({ alert }) => alert === "ErrorBudgetBurn")
      .map(({ labels }) => labels.severity);
    expect(severities).toEqual(["ticket"]);
  });

  it("says in each alert what is wrong in words, and where the runbook is", () => {
    for (const { annotations, alert } of alerts({ runbooks: "https://wiki/run" })) {
      expect(annotations.summary).toMatch(/^shop/);
      expect(annotations.description).not.toMatch(/burn|factor/i);
      expect(annotations.runbook_url).toMatch(/^https:\/\/wiki\/run#[a-z-]+$/);
      expect(alert).toMatch(/^[A-Z]/);
    }
    expect(alerts().every(({ annotations }) => !("runbook_url" in annotations))).toBe(true);
  });

  it("tells two services apart whose names join to the same text", () => {
    const id = (name: string, slo: string) =>
      records({ name, slos: [errors({ objective: 99, name: slo })] })[0]?.labels.seakeep_id;
    expect(id("a-b", "c")).not.toBe(id("a", "b-c"));
  });

  it("watches each probe by itself", () => {
    const slos = [
      availability({ objective: 99.9, probe: "/healthz" }),
      availability({ objective: 99, probe: "/slow", name: "slow" }),
    ];
    const of = (slo: string) =>
      rules({ slos })
        .filter(({ labels }) => labels.slo === slo)
        .map(({ expr }) => expr)
        .join("\n");
    expect(of("availability")).toContain('probe_success{job="shop-probe",probe="/healthz"}');
    expect(of("availability")).not.toContain("/slow");
    expect(of("slow")).toContain('absent(probe_success{job="shop-probe",probe="/slow"})');
  });

  it.each<[Naming, string, string]>([
    ["prometheus", "http_requests_total", "http_server_requests_total"],
    ["otel", "http_server_requests_total", "http_requests_total"],
  ])("speaks the names of %s and no other", (naming, own, other) => {
    const text = JSON.stringify(rules({ naming }));
    expect(text).toContain(`${own}{`);
    expect(text).not.toContain(`${other}{`);
  });

  it("names a rehearsal's windows by their true length", () => {
    const text = JSON.stringify(groups({}, "1/60"));
    expect(text).toContain("slo:sli_error:ratio_rate5s{");
    expect(text).not.toContain("[5m]");
    expect(groups({}, "1/60").map(({ interval }) => interval)).toEqual(["1s", "1s", "5s", "1s"]);
  });
});
