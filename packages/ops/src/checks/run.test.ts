import { SeakeepError } from "@seakeep/contract";
import { describe, expect, test } from "vitest";
import { edges } from "../../test/run-check.ts";
import { reply, serve } from "../../test/server.ts";
import type { Check, CheckContext, Verdict, VerdictName } from "./check.ts";
import { Findings } from "./findings.ts";
import { worst } from "./report.ts";
import { type RunOptions, runChecks } from "./run.ts";

const URL_OF_NOBODY = new URL("http://127.0.0.1:9/");

function verdict(name: VerdictName, reason: string = name): Verdict {
  const findings = new Findings();
  if (name === "failed") findings.fail(reason, "mend it");
  if (name === "unknown") findings.unsure(reason, "look again");
  return findings.conclude(reason);
}

function check(name: string, run: (context: CheckContext) => Promise<Verdict>): Check {
  return { kind: "test", name, run };
}

function run(checks: readonly Check[], options: Partial<RunOptions> = {}, url = URL_OF_NOBODY) {
  const signal = new AbortController().signal;
  return runChecks(
    checks,
    { url, metrics: { path: "/metrics" } },
    { timeoutMs: 5_000, attempts: 1, pauseMs: 0, concurrency: 4, signal, ...options },
    edges({ TOKEN: "open-sesame" }),
  );
}

describe("the verdict of a run", () => {
  test.each<[VerdictName[], VerdictName]>([
    [["passed", "passed"], "passed"],
    [["passed", "unknown"], "unknown"],
    [["unknown", "failed", "passed"], "failed"],
    [[], "unknown"],
  ])("of %j is %s", async (verdicts, expected) => {
    expect(worst(verdicts)).toBe(expected);
    const checks = verdicts.map((name, index) => check(`${index}`, async () => verdict(name)));
    const report = await run(checks);
    expect([report.verdict, report.ok]).toEqual([expected, expected === "passed"]);
    expect(report.checks.map((result) => result.verdict)).toEqual(verdicts);
  });
});

test("results keep the order of the checks, and no more run at once than allowed", async () => {
  let now = 0;
  let most = 0;
  const checks = Array.from({ length: 9 }, (_, index) =>
    check(`check ${index}`, async () => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, (index % 3) * 5));
      now -= 1;
      return verdict("passed");
    }),
  );
  const report = await run(checks, { concurrency: 3 });
  expect(report.checks.map(({ name }) => name)).toEqual(checks.map(({ name }) => name));
  expect(most).toBe(3);
});

describe("attempts", () => {
  test("a check that could not tell is tried again, and every try is kept", async () => {
    const verdicts: VerdictName[] = ["unknown", "unknown", "passed", "failed"];
    const once = check("shy", async () => verdict(verdicts.shift()!));
    const [result] = (await run([once], { attempts: 4 })).checks;
    expect(result!.verdict).toBe("passed");
    expect(result!.attempts.map((attempt) => attempt.verdict)).toEqual(["unknown", "unknown", "passed"]);
  });

  test("a failed check is not: trying until it passes would hide the failure", async () => {
    const verdicts: VerdictName[] = ["failed", "passed"];
    const [result] = (await run([check("bad", async () => verdict(verdicts.shift()!))], { attempts: 5 }))
      .checks;
    expect([result!.verdict, result!.attempts.length]).toEqual(["failed", 1]);
  });

  test("one is the default of the command, and the last verdict stands", async () => {
    const [result] = (await run([check("blind", async () => verdict("unknown"))], { attempts: 3 })).checks;
    expect([result!.verdict, result!.attempts.length]).toEqual(["unknown", 3]);
  });
});

describe("a check that misbehaves is unknown, not a pass", () => {
  test("when it never ends", async () => {
    const started = performance.now();
    const [result] = (await run([check("stuck", () => new Promise(() => {}))], { timeoutMs: 50 })).checks;
    expect(result!.verdict).toBe("unknown");
    expect(result!.reason).toBe("The check had not finished after 50ms.");
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  test("when it throws, with its secret left out", async () => {
    const broken = check("broken", async ({ secret }) => {
      throw new TypeError(`no such ${await secret({ kind: "secret", name: "TOKEN" })}`);
    });
    const [result] = (await run([broken])).checks;
    expect([result!.verdict, result!.reason]).toEqual([
      "unknown",
      "The check itself broke: TypeError: no such [redacted].",
    ]);
  });

  test("but a wrong configuration ends the run", async () => {
    const wrong = check("wrong", async () => {
      throw new SeakeepError("SK-CHECK-006", "Not a token.");
    });
    await expect(run([wrong])).rejects.toThrow("SK-CHECK-006");
  });
});

test("an interruption ends what is under way", async () => {
  const url = await serve(() => {});
  const controller = new AbortController();
  const waits = check("waits", async ({ send }) => {
    const findings = new Findings();
    const outcome = send({ path: "/" });
    controller.abort();
    findings.answer(await outcome);
    return findings.conclude("ended");
  });
  const report = await run(
    [waits, check("stuck", () => new Promise(() => {}))],
    { signal: controller.signal },
    url,
  );
  expect(report.checks.map((result) => result.verdict)).toEqual(["unknown", "unknown"]);
  for (const { reason } of report.checks) expect(reason).toMatch(/interrupted/);
});

test("evidence is what was sent and answered, without a secret that another check read", async () => {
  const url = await serve((request, response) => {
    reply(200, request.url ?? "", { "content-type": "text/open-sesame" })(request, response);
  });
  const reads = check("reads", async ({ secret, send }) => {
    const token = await secret({ kind: "secret", name: "TOKEN" });
    await send({ path: `/one?t=${token}`, as: "with the token" });
    return verdict("failed", `it said ${token}`);
  });
  const talks = check("talks", async ({ send }) => {
    const outcome = await send({ path: "/two" });
    return verdict("passed", outcome.kind === "answer" ? outcome.mediaType : "");
  });
  const report = await run([reads, talks], { concurrency: 1 }, url);
  expect(JSON.stringify(report)).not.toContain("open-sesame");
  expect(report.checks[0]!.attempts[0]!.evidence).toEqual([
    {
      request: `GET ${url.origin}/one?t=[redacted]`,
      as: "with the token",
      status: 200,
      mediaType: "text/[redacted]",
      bytes: "/one?t=open-sesame".length,
      durationMs: expect.any(Number),
    },
  ]);
  expect(report.startedAt).toBe("2026-11-23T08:00:00.000Z");
});
