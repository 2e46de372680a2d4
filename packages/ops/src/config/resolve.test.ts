import { defineService, errors, SeakeepError } from "@seakeep/contract";
import { describe, expect, it } from "vitest";
import { sql } from "../backup/drill/expectation.ts";
import { email } from "../generate/alertmanager/receivers/email.ts";
import { pagerduty } from "../generate/alertmanager/receivers/pagerduty.ts";
import { slack } from "../generate/alertmanager/receivers/slack.ts";
import { webhook } from "../generate/alertmanager/receivers/webhook.ts";
import { defineOps, type OpsDeclaration } from "./define.ts";
import type { Ops } from "./ops.ts";
import { resolveOps } from "./resolve.ts";
import { env, secret } from "./values.ts";

const service = defineService({ name: "shop", owner: "sales", slos: [errors({ objective: 99 })] });
const minimal = { service, url: "https://shop.example.org/" };

const resolve = (declaration: object, environment: Record<string, string> = {}): Ops =>
  resolveOps(defineOps(declaration as OpsDeclaration), environment, "seakeep.config.ts");

/** `path: got ..., wanted ...` of every problem. */
function problems(declaration: object, environment?: Record<string, string>): string[] {
  try {
    resolve(declaration, environment);
  } catch (error) {
    if (!(error instanceof SeakeepError) || error.code !== "SK-CONFIG-005") throw error;
    return error.problems.map(({ path, got, wanted }) => `${path}: got ${got}, wanted ${wanted}`);
  }
  return [];
}

describe("resolveOps", () => {
  it("fills in what is not said", () => {
    expect(resolve(minimal)).toEqual({
      service,
      url: "https://shop.example.org",
      drill: { expect: [] },
      metrics: { path: "/metrics" },
      prometheus: {
        scrapeInterval: 30_000,
        targets: ["shop.example.org:443"],
        alertmanagers: ["127.0.0.1:9093"],
        blackbox: "127.0.0.1:9115",
        externalLabels: {},
      },
      rollback: {},
      release: { accept: ["forward-compatible", "reversible"], budgetLeft: 0, signers: [], waive: {} },
      secrets: "/run/secrets",
      names: [],
    });
  });

  it("takes what a restored backup is held to, each by a name of its own", () => {
    const expected = [sql("owned", "select true"), sql("priced", "select true")];
    expect(resolve({ ...minimal, drill: { every: "7d", expect: expected } }).drill).toEqual({
      every: 604_800_000,
      expect: expected,
    });
    const twice = {
      every: "10m",
      expect: [sql("owned", " "), sql("owned", "select true"), sql("", "select true")],
    };
    expect(problems({ ...minimal, drill: twice })).toEqual([
      'drill.every: got "10m", wanted at least "1h"',
      'drill.expect[0].query: got " ", wanted a query that answers one boolean',
      'drill.expect[1].name: got "owned", wanted a name of its own',
      'drill.expect[2].name: got "", wanted what is expected, in words',
    ]);
    expect(problems({ ...minimal, drill: { expect: ["select true"] } })).toHaveLength(1);
  });

  it("scrapes more often when the windows of a short period ask for it", () => {
    const week = defineService({
      name: "shop",
      owner: "sales",
      window: "7d",
      slos: [errors({ objective: 99 })],
    });
    expect(resolve({ ...minimal, service: week }).prometheus.scrapeInterval).toBe(18_000);
  });

  it("reads the environment, splits lists at commas, and falls back", () => {
    const { url, prometheus } = resolve(
      {
        service,
        url: env("URL"),
        prometheus: {
          targets: env("TARGETS"),
          alertmanagers: [env("AM", "a:1"), "b:2"],
          blackbox: env("EMPTY", "c:3"),
        },
      },
      { URL: "http://127.0.0.1:8080", TARGETS: "a:1, b:2", EMPTY: "" },
    );
    expect(url).toBe("http://127.0.0.1:8080");
    expect(prometheus).toMatchObject({
      targets: ["a:1", "b:2"],
      alertmanagers: ["a:1", "b:2"],
      blackbox: "c:3",
    });
  });

  it("names every missing variable at once", () => {
    const declaration = {
      service,
      url: env("SERVICE_URL"),
      alerting: { page: webhook(env("PAGE_URL")), ticket: webhook("http://t/") },
    };
    expect(problems(declaration)).toEqual([
      "url: got nothing, wanted the environment variable SERVICE_URL",
      "alerting.page.url: got nothing, wanted the environment variable PAGE_URL",
    ]);
  });

  it.each<[name: string, declaration: object, problem: string]>([
    ["an unknown key", { ...minimal, alertng: 1 }, "alertng: got an unknown key, wanted `alerting`"],
    [
      "an unknown key below",
      { ...minimal, prometheus: { scrapeIntervall: "30s" } },
      "prometheus.scrapeIntervall: got an unknown key, wanted `scrapeInterval`",
    ],
    ["no service", { url: "http://a" }, "service: got nothing, wanted what defineService() returned"],
    ["no url", { service }, 'url: got nothing, wanted the service\'s base URL or env("NAME")'],
    [
      "a host for a URL",
      { service, url: "shop" },
      'url: got "shop", wanted an http(s) URL without credentials, query or fragment',
    ],
    [
      "credentials in the URL, which are not shown",
      { service, url: "https://me:s3cret@shop/" },
      'url: got "https://shop/", wanted an http(s) URL without credentials, query or fragment',
    ],
    [
      "a URL for an address",
      { ...minimal, prometheus: { targets: ["http://a:1"] } },
      'prometheus.targets: got "http://a:1", wanted host:port',
    ],
    [
      "a scrape interval that leaves windows empty",
      { ...minimal, prometheus: { scrapeInterval: "2m" } },
      'prometheus.scrapeInterval: got "2m", wanted between 1s and 75s',
    ],
    [
      "a receiver that is none",
      { ...minimal, alerting: { page: "me", ticket: webhook("http://a/") } },
      'alerting.page: got "me", wanted a receiver such as pagerduty(secret("PD_KEY"))',
    ],
    [
      "a secret in plain text, which is not shown",
      { ...minimal, alerting: { page: pagerduty("s3cret" as never), ticket: webhook("http://a/") } },
      "alerting.page.routingKey: got a plain value, wanted a secret by its name",
    ],
    [
      "a channel without its mark",
      {
        ...minimal,
        alerting: { page: slack(secret("A"), { channel: "ops" }), ticket: webhook("http://a/") },
      },
      'alerting.page.channel: got "ops", wanted a channel such as #courses-alerts',
    ],
    [
      "credentials in a webhook",
      { ...minimal, alerting: { page: webhook("http://me:s3cret@a/"), ticket: webhook("http://a/") } },
      'alerting.page.url: got "a", wanted a URL without credentials',
    ],
    [
      "mail to nowhere",
      {
        ...minimal,
        alerting: { page: email("me", { from: "a@b", smarthost: "m:25" }), ticket: webhook("http://a/") },
      },
      'alerting.page.to: got "me", wanted a mail address',
    ],
    [
      "a relative folder of secrets",
      { ...minimal, secrets: "secrets" },
      'secrets: got "secrets", wanted an absolute folder',
    ],
    [
      "a token in plain text, which is not shown",
      { ...minimal, metrics: { token: "s3cret" } },
      "metrics.token: got a plain value, wanted a secret by its name",
    ],
    [
      "a database's URL in plain text, which is not shown",
      { ...minimal, database: "postgres://me:s3cret@db/shop" },
      "database: got a plain value, wanted a secret by its name",
    ],
  ])("refuses %s", (_name, declaration, problem) => {
    expect(problems(declaration)).toEqual([problem]);
  });
});
