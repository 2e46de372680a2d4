import { NAMES } from "@seakeep/contract";
import { describe, expect, test } from "vitest";
import { exposition, healthy, metricsGate as metricsPage } from "../../../test/healthy.ts";
import { edges } from "../../../test/run-check.ts";
import { type Handler, reply, serve } from "../../../test/server.ts";
import { health } from "../health/index.ts";
import { metricsGate } from "../metrics-gate/index.ts";
import { runChecks } from "../run.ts";

const up = (version?: string): Handler => reply(200, { status: "up", ...(version && { version }) });

/** Health and metrics of a service, whose metrics tell version 1.4.2, and then its version. */
async function confirm(faults: Readonly<Record<string, Handler>>, expectVersion = "1.4.2") {
  const report = await runChecks(
    [health(), metricsGate()],
    { url: await serve(healthy(faults)), metrics: { path: NAMES.paths.metrics } },
    {
      ...{ timeoutMs: 5_000, attempts: 1, pauseMs: 0, concurrency: 2, expectVersion },
      signal: new AbortController().signal,
    },
    edges(),
  );
  const { verdict, reason } = report.checks.at(-1)!;
  return { all: report.verdict, verdict, reason };
}

describe("the version", () => {
  test("is confirmed by every answer that tells one", async () => {
    expect(await confirm({ "/healthz": up("1.4.2") })).toEqual({
      all: "passed",
      verdict: "passed",
      reason: '12 of 12 answers came from version "1.4.2".',
    });
  });

  test("is confirmed by the metrics alone, where health does not tell", async () => {
    expect((await confirm({ "/healthz": up() })).reason).toBe('1 of 1 answers came from version "1.4.2".');
  });

  test("fails when another one answers", async () => {
    expect(await confirm({ "/healthz": up("1.4.2") }, "1.5.0")).toEqual({
      all: "failed",
      verdict: "failed",
      reason: 'Version "1.4.2" answers, not "1.5.0".',
    });
  });

  test("fails when some answers come from another, with their number: each on a connection of its own", async () => {
    let asked = 0;
    const connections = new Set<unknown>();
    const turns: Handler = (request, response) => {
      asked += 1;
      connections.add(request.socket);
      up(asked % 3 === 0 ? "1.4.1" : "1.4.2")(request, response);
    };
    const { verdict, reason } = await confirm({ "/healthz": turns });
    expect([verdict, reason]).toEqual([
      "failed",
      '3 of 12 answers came from version "1.4.1", the others from "1.4.2".',
    ]);
    expect(connections.size).toBeGreaterThanOrEqual(10);
  });

  test("is unknown when nobody tells it, and that is no pass", async () => {
    const silent = { "/healthz": up(), "/metrics": reply(401, {}) };
    const { all, verdict, reason } = await confirm(silent);
    expect([all, verdict, reason]).toEqual(["unknown", "unknown", "No answer told its version."]);
  });

  test("is not told by a service that does not know it", async () => {
    const text = exposition().replace('version="1.4.2"', 'version="unknown"');
    const { verdict } = await confirm({ "/healthz": up(), "/metrics": metricsPage(text) });
    expect(verdict).toBe("unknown");
  });

  test("is what a release id says, where a health report has both", async () => {
    const both = reply(200, { status: "pass", version: "1", releaseId: "1.4.2" });
    expect((await confirm({ "/healthz": both })).verdict).toBe("passed");
  });
});
