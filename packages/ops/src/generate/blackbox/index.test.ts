import { availability, defineService } from "@seakeep/contract";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { defineOps } from "../../config/define.ts";
import { resolveOps } from "../../config/resolve.ts";
import { timing } from "../timing.ts";
import { blackbox, PROBE_MODULE } from "./index.ts";

function probe(url: string): Record<string, unknown> {
  const service = defineService({
    name: "shop",
    owner: "sales",
    slos: [availability({ objective: 99, probe: "/healthz" })],
  });
  const ops = resolveOps(defineOps({ service, url }), {}, "seakeep.config.ts");
  const [file] = blackbox(ops, timing(ops));
  return (parse(file?.content ?? "") as { modules: Record<string, { http: Record<string, unknown> }> })
    .modules[PROBE_MODULE]!.http;
}

it("takes 200 for healthy and nothing else, however it is dressed", () => {
  expect(probe("http://127.0.0.1:3000")).toMatchObject({
    valid_status_codes: [200],
    follow_redirects: false,
    body_size_limit: "1MB",
  });
});

it("insists on TLS, and on its certificate, where the URL does", () => {
  expect(probe("https://shop.example.org")).toMatchObject({
    fail_if_not_ssl: true,
    tls_config: { insecure_skip_verify: false, min_version: "TLS12" },
  });
  expect(probe("http://127.0.0.1:3000")).toMatchObject({ fail_if_not_ssl: false });
});
