import { availability, defineService, errors } from "@seakeep/contract";
import { describe, expect, it } from "vitest";
import { defineOps, type OpsDeclaration } from "../../config/define.ts";
import { resolveOps } from "../../config/resolve.ts";
import { secret } from "../../config/values.ts";
import { timing } from "../timing.ts";
import { prometheusConfig } from "./scrape.ts";

const probed = [
  availability({ objective: 99.9, probe: "/healthz" }),
  availability({ objective: 99, probe: "/a", name: "a" }),
];

function config(extra: Partial<OpsDeclaration> = {}, slos = [errors({ objective: 99 }), ...probed]) {
  const service = defineService({ name: "shop", owner: "sales", slos });
  const declared = defineOps({ service, url: "https://shop.example.org", ...extra });
  const ops = resolveOps(declared, {}, "seakeep.config.ts");
  return prometheusConfig(ops, timing(ops)) as {
    global: Record<string, unknown>;
    scrape_configs: Record<string, unknown>[];
  };
}

describe("prometheusConfig", () => {
  it("scrapes the service under its own name and trusts no label of its", () => {
    const [job] = config().scrape_configs;
    expect(job).toEqual({
      job_name: "shop",
      honor_labels: false,
      scheme: "https",
      metrics_path: "/metrics",
      static_configs: [{ targets: ["shop.example.org:443"] }],
    });
  });

  it("points at the file of a token and never holds one", () => {
    const at = (extra: Partial<OpsDeclaration>) => config(extra).scrape_configs[0]?.authorization;
    expect(at({ metrics: { token: secret("METRICS_TOKEN") } })).toEqual({
      credentials_file: "/run/secrets/METRICS_TOKEN",
    });
    expect(at({ metrics: { token: secret("T") }, secrets: "/etc/s/" })).toEqual({
      credentials_file: "/etc/s/T",
    });
    expect(at({ metrics: { token: secret("T", { file: "/a/b" }) } })).toEqual({ credentials_file: "/a/b" });
  });

  it("probes each path through the blackbox exporter, told apart by a label", () => {
    const job = config().scrape_configs[1];
    expect(job?.static_configs).toEqual([
      { targets: ["https://shop.example.org/healthz"], labels: { probe: "/healthz" } },
      { targets: ["https://shop.example.org/a"], labels: { probe: "/a" } },
    ]);
    expect(job?.relabel_configs).toContainEqual({
      target_label: "__address__",
      replacement: "127.0.0.1:9115",
    });
  });

  it("probes nothing when no SLO asks for it", () => {
    expect(config({}, [errors({ objective: 99 })]).scrape_configs).toHaveLength(1);
  });

  it("gives up a scrape before the next one", () => {
    const { global } = config({ prometheus: { scrapeInterval: "5s" } });
    expect(global).toMatchObject({
      scrape_interval: "5s",
      scrape_timeout: "4500ms",
      evaluation_interval: "5s",
    });
  });
});
