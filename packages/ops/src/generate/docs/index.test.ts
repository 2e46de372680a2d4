import { availability, defineService, errors, latency, type ServiceDeclaration } from "@seakeep/contract";
import { describe, expect, it } from "vitest";
import { defineOps } from "../../config/define.ts";
import { resolveOps } from "../../config/resolve.ts";
import { webhook } from "../alertmanager/receivers/webhook.ts";
import { timing } from "../timing.ts";
import { docs } from "./index.ts";

function page(declaration: Partial<ServiceDeclaration> = {}, scale = "1", told = true): string {
  const service = defineService({
    name: "shop",
    owner: "sales",
    slos: [
      availability({ objective: 99.9, probe: "/healthz" }),
      errors({ objective: 99 }),
      latency({ objective: 95, threshold: "5s", routes: ["POST /upload"] }),
    ],
    ...declaration,
  });
  const alerting = { page: webhook("https://hooks.example.org/x"), ticket: webhook("http://t/") };
  const ops = resolveOps(
    defineOps({ service, url: "http://a", ...(told ? { alerting } : {}) }),
    {},
    "seakeep.config.ts",
  );
  return docs(ops, timing(ops, scale))[0]?.content ?? "";
}

const row = (text: string, ...cells: string[]): string | undefined =>
  text.split("\n").find((line) => cells.every((cell) => line.includes(cell)));

describe("slo.md", () => {
  it("says what is promised and what may fail, in things one can picture", () => {
    expect(row(page(), "[availability](#availability)")).toContain("43 min 12 s of 30 d");
    expect(row(page(), "[errors](#errors)")).toContain("10,000 of a million requests");
  });

  it("says when a total outage is told and what it cost, by the contract's arithmetic", () => {
    expect(row(page(), "errors", "page", "1h, 5m")).toMatch(/more than 14\.4 %.*8 min 38 s.*\| 2 %/);
    // 52 s by the burn rate, but five probes must fail.
    expect(row(page(), "availability", "page", "1h, 5m")).toMatch(/5 probes.*2 min 30 s/);
  });

  it("says who is told, also when it is nobody", () => {
    expect(row(page(), "| page", "Webhook at hooks.example.org")).toContain("15 s");
    expect(row(page({}, "1", false), "| page", "nobody")).toBeDefined();
  });

  it("gives each SLO the PromQL to paste, and the routes it judges", () => {
    expect(page()).toContain("```promql\n# Share failing now\n");
    expect(page()).toContain("Judged: requests of `POST /upload`.");
    expect(page()).toContain('slo:period_error_budget_remaining:ratio{seakeep_id="shop/errors"}');
  });

  it("leaves tickets-only SLOs out of the pages", () => {
    expect(
      row(page({ slos: [errors({ objective: 99, page: false })] }), "| errors", "| page"),
    ).toBeUndefined();
  });

  it("has a section for recovery and audit only where they are declared", () => {
    expect(page()).not.toContain("## Recovery");
    const declared = page({ recovery: { rpo: "24h", rto: "1h" }, audit: { sensitive: ["/login"] } });
    expect(row(declared, "RPO")).toContain("24 h");
    expect(declared).toContain("- `/login`");
  });

  it("cannot be taken for the real thing in a rehearsal", () => {
    expect(page({}, "1/60")).toMatch(/^<!--\n[^>]*REHEARSAL[\s\S]*> \*\*Rehearsal\.\*\*/);
    expect(page()).not.toMatch(/rehearsal/i);
  });
});
