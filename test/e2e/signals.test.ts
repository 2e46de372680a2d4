import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { conforms } from "../../packages/ops/src/signals/conformance.testkit.ts";
import { openEmbedded } from "../../packages/ops/src/signals/embedded/open.ts";
import { BEGINNING, HISTORIES, INTERVAL } from "../../packages/ops/src/signals/histories.testkit.ts";
import { openPrometheus } from "../../packages/ops/src/signals/prometheus/open.ts";
import { mustRun, openScratch, runCommand, type Scratch, startPrometheus, until } from "../stack/index.ts";

const require = createRequire(import.meta.url);
const command = join(dirname(require.resolve("seakeep")), "../bin/seakeep.js");

let scratch: Scratch;
beforeAll(async () => {
  scratch = await openScratch();
});
afterAll(() => scratch.close());

const edges = {
  fetch,
  secret: async () => undefined,
  now: Date.now,
  scrapeInterval: INTERVAL * 1000,
};

describe("a real Prometheus answers the histories", () =>
  conforms(async () => {
    const data = join(scratch.folder, "prometheus-data");
    const text = join(scratch.folder, "histories.om");
    await writeFile(text, openMetrics());
    await mkdir(data);
    await mustRun(scratch, {
      command: "promtool",
      args: ["tsdb", "create-blocks-from", "openmetrics", text, data],
    });
    const config = join(scratch.folder, "prometheus.yml");
    await writeFile(config, "global: {}\n");
    const { port } = await startPrometheus(scratch, config);
    const url = `http://127.0.0.1:${port}/`;
    return openPrometheus({ url, labels: {}, timeout: 10_000 }, edges);
  }));

/** The histories in the format that Prometheus takes old samples in. */
function openMetrics(): string {
  const byMetric = new Map<string, string[]>();
  for (const { metric, labels, points } of HISTORIES.flatMap(({ series }) => series)) {
    const inner = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    const lines = byMetric.get(metric) ?? [];
    byMetric.set(metric, lines);
    for (const [seconds, value] of points) {
      const time = (BEGINNING + Math.round(seconds * 1000)) / 1000;
      lines.push(`${metric}{${inner.join(",")}} ${value} ${time.toFixed(3)}`);
    }
  }
  return `${[...byMetric.values()].flat().join("\n")}\n# EOF\n`;
}

describe("seakeep signals scrape", () => {
  test("records what it can through kill -9, one at a time, and what is recorded can be read", async () => {
    let scrapes = 0;
    const service = createServer((request, response) => {
      if (request.url === "/healthz") return void response.end("ok");
      scrapes += 1;
      const rows = Array.from(
        { length: 500 },
        (_, index) =>
          `http_requests_total{method="GET",path_template="/${index}",status_code="200"} ${scrapes}`,
      );
      response.setHeader("content-type", "text/plain").end(`${rows.join("\n")}\n`);
    });
    await new Promise<void>((resolve) => service.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
    const path = join(scratch.folder, "signals.db");
    const config = join(scratch.folder, "seakeep.config.mjs");
    await writeFile(config, configText(url, path));
    const args = ["signals", "scrape", "--config", config];
    const run = { command: process.execPath, cwd: dirname(require.resolve("seakeep")) };

    const recorders: ChildProcess[] = [];
    const record = async (): Promise<ChildProcess> => {
      const seen = scrapes;
      const child = spawn(run.command, [command, ...args, "--every", "1s"], {
        cwd: run.cwd,
        stdio: "ignore",
      });
      recorders.push(child);
      scratch.guard(child.pid!, "SIGKILL");
      await until("two scrapes", () => scrapes >= seen + 2, { within: 20_000 });
      return child;
    };
    const kill = async (child: ChildProcess) => {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    };
    try {
      for (let round = 0; round < 2; round++) {
        const child = await record();
        const second = await runCommand(scratch, { ...run, args: [command, ...args, "--once"] });
        expect([second.code, second.stderr]).toEqual([3, expect.stringContaining("SK-SIGNALS-011")]);
        await kill(child);
      }
      const last = await runCommand(scratch, { ...run, args: [command, ...args, "--once", "--json"] });
      expect(last.code).toBe(0);
      expect(JSON.parse(last.stdout)).toMatchObject({
        targets: [{ job: "books-api", samples: 502, stored: true, dropped: 0 }, { job: "books-api-probe" }],
      });
      const signals = await openEmbedded(path, { ...edges, scrapeInterval: 1000 });
      const now = Date.now();
      const span = { from: new Date(now - 120_000), to: new Date(now) };
      const grown = await signals.increase({ metric: "http_requests_total" }, span);
      expect(grown).toHaveLength(500);
      // Every scrape was answered with one more; the last is always recorded, the first one is where counting begins.
      for (const { value } of grown) expect(value).toBe(scrapes - 1);
    } finally {
      for (const child of recorders) child.kill("SIGKILL");
      service.closeAllConnections();
      service.close();
    }
  });
});

function configText(url: string, path: string): string {
  return `
    import { availability, defineService, errors } from "${require.resolve("@seakeep/contract")}";
    import { defineOps, embedded } from "${require.resolve("seakeep")}";
    const service = defineService({
      name: "books-api", owner: "books",
      slos: [availability({ objective: 99, probe: "/healthz" }), errors({ objective: 99 })],
    });
    export default defineOps({ service, url: ${JSON.stringify(url)}, signals: embedded({ path: ${JSON.stringify(path)} }) });
  `;
}
