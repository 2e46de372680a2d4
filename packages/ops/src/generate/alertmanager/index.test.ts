import { availability, defineService, errors, latency } from "@seakeep/contract";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { defineOps, type OpsDeclaration } from "../../config/define.ts";
import { resolveOps } from "../../config/resolve.ts";
import { env, secret } from "../../config/values.ts";
import { timing } from "../timing.ts";
import { alertmanager } from "./index.ts";
import { email } from "./receivers/email.ts";
import { pagerduty } from "./receivers/pagerduty.ts";
import { slack } from "./receivers/slack.ts";
import { webhook } from "./receivers/webhook.ts";

const slos = [
  availability({ objective: 99.9, probe: "/healthz" }),
  errors({ objective: 99 }),
  latency({ objective: 95, threshold: "1s" }),
];
const plain = { page: webhook("http://a/"), ticket: webhook("http://b/") };

function generate(alerting: OpsDeclaration["alerting"] = plain, scale = "1", given = slos) {
  const service = defineService({ name: "shop", owner: "sales", slos: given });
  const ops = resolveOps(
    defineOps({ service, url: "http://a", ...(alerting && { alerting }) }),
    { MAIL: "a@example.org" },
    "seakeep.config.ts",
  );
  const [file] = alertmanager(ops, timing(ops, scale));
  return parse(file?.content ?? "") as {
    route: { receiver: string; routes: Record<string, unknown>[] } & Record<string, unknown>;
    inhibit_rules: { source_matchers: string[]; target_matchers: string[]; equal: string[] }[];
    receivers: Record<string, unknown>[];
  };
}

describe("alertmanager.yml", () => {
  it("sends pages to one receiver and everything else to the other", () => {
    const { route } = generate();
    expect(route.receiver).toBe("ticket");
    expect(route.routes).toEqual([
      {
        matchers: ['severity="page"'],
        receiver: "page",
        group_wait: "15s",
        group_interval: "1m",
        repeat_interval: "4h",
      },
    ]);
  });

  it("shortens its waits in a rehearsal", () => {
    expect(generate(plain, "1/60").route.routes[0]).toMatchObject({
      group_wait: "250ms",
      group_interval: "1s",
    });
  });

  it("leaves out the ticket under a page, and what a dead process said of itself, but never the probe", () => {
    const [ticket, dead] = generate().inhibit_rules;
    expect(ticket).toEqual({
      source_matchers: ['alertname="ErrorBudgetBurn"', 'severity="page"'],
      target_matchers: ['alertname="ErrorBudgetBurn"', 'severity="ticket"'],
      equal: ["service", "slo"],
    });
    expect(dead?.source_matchers).toEqual(['alertname=~"TargetDown|TargetAbsent"']);
    expect(dead?.target_matchers).toContain('slo=~"errors|latency"');
    expect(dead?.equal).toEqual(["service"]);
  });

  it("has nothing to leave out for a service that is only probed", () => {
    expect(generate(plain, "1", slos.slice(0, 1)).inhibit_rules).toHaveLength(1);
  });

  it("writes each kind of receiver, tells when it is over, and reads every secret from a file", () => {
    const first = generate({
      page: pagerduty(secret("PD_KEY")),
      ticket: slack(secret("SLACK_URL"), { channel: "#shop" }),
    }).receivers;
    expect(first).toMatchObject([
      { name: "page", pagerduty_configs: [{ routing_key_file: "/run/secrets/PD_KEY", send_resolved: true }] },
      {
        name: "ticket",
        slack_configs: [{ api_url_file: "/run/secrets/SLACK_URL", channel: "#shop", send_resolved: true }],
      },
    ]);
    const second = generate({
      page: webhook("https://hook.example.org/x", { token: secret("HOOK") }),
      ticket: email(env("MAIL"), {
        from: "b@example.org",
        smarthost: "mail:587",
        username: "u",
        password: secret("SMTP"),
      }),
    }).receivers;
    expect(second).toMatchObject([
      {
        webhook_configs: [
          {
            url: "https://hook.example.org/x",
            http_config: { authorization: { credentials_file: "/run/secrets/HOOK" } },
            send_resolved: true,
          },
        ],
      },
      {
        email_configs: [
          {
            to: "a@example.org",
            smarthost: "mail:587",
            auth_username: "u",
            auth_password_file: "/run/secrets/SMTP",
            send_resolved: true,
          },
        ],
      },
    ]);
  });
});
