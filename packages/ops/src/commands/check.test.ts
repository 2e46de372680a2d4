import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { healthy } from "../../test/healthy.ts";
import { nobody, reply, serve } from "../../test/server.ts";
import type { CheckReport } from "../checks/report.ts";
import { run } from "../cli.ts";

// The first run loads and compiles the validators, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const TOKEN = "open-sesame-41";

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), "seakeep-check-"));
});
afterAll(() => rm(cwd, { recursive: true }));

async function seakeep(
  args: readonly string[],
  environment: Record<string, string> = {},
  signal: AbortSignal = new AbortController().signal,
) {
  let stdout = "";
  let stderr = "";
  const code = await run(["check", ...args], {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    environment,
    cwd,
    signal,
  });
  return { code, stdout, stderr };
}

describe("exit codes", () => {
  test("0 when all passed", async () => {
    const url = await serve(healthy({}, TOKEN));
    const { code, stdout, stderr } = await seakeep(["--url", url.href], { METRICS_TOKEN: TOKEN });
    expect(stdout).toMatch(/^4 passed in \d+ ms$/m);
    expect(stderr).toBe(`next: seakeep check --url ${url.href} --json\n`);
    expect(code).toBe(0);
  });

  test("1 when one failed, also when another could not tell", async () => {
    const url = await serve(healthy({ "/healthz": reply(200, { status: "down" }) }, TOKEN));
    const { code, stdout, stderr } = await seakeep(["--url", url.href]);
    expect(stdout).toMatch(/✗ failed {3}health/);
    expect(stdout).toMatch(/\? unknown {2}metrics-gate/);
    expect(stderr).toMatch(/--only health --only metrics-gate$/m);
    expect(code).toBe(1);
  });

  test.each([
    ["no URL", []],
    ["a check that there is not", ["--url", "http://127.0.0.1", "--only", "helth"]],
    ["a time that is none", ["--url", "http://127.0.0.1", "--timeout", "soon"]],
    ["no attempt", ["--url", "http://127.0.0.1", "--attempts", "0"]],
    ["an unknown option", ["--urls", "http://127.0.0.1"]],
  ])("2 for %s", async (_what, args) => {
    const { code, stdout, stderr } = await seakeep(args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).not.toBe("");
  });

  test("3 when nobody answers, or not in time", async () => {
    expect((await seakeep(["--url", (await nobody()).href])).code).toBe(3);
    const silent = await serve(() => {});
    const { code, stdout } = await seakeep(["--url", silent.href, "--timeout", "200ms"]);
    expect([code, stdout]).toEqual([3, expect.stringMatching(/^0 passed, 4 unknown/m)]);
  });

  test("130 when interrupted", async () => {
    const controller = new AbortController();
    const url = await serve(() => controller.abort());
    expect((await seakeep(["--url", url.href], {}, controller.signal)).code).toBe(130);
  });
});

describe("--json", () => {
  test("is one document and nothing else, with the evidence and without the token", async () => {
    const url = await serve((request, response) => {
      const { authorization = "" } = request.headers;
      if (authorization === "") healthy({}, TOKEN)(request, response);
      else
        reply(
          418,
          { authorization },
          { "content-type": `text/${authorization.slice(7)}` },
        )(request, response);
    });
    const { code, stdout, stderr } = await seakeep(["--url", url.href, "--json"], { METRICS_TOKEN: TOKEN });
    const report = JSON.parse(stdout) as CheckReport;
    expect([code, report.ok, report.verdict]).toEqual([1, false, "failed"]);
    expect(report.checks.map(({ name, verdict }) => [name, verdict])).toEqual([
      ["health", "passed"],
      ["metrics-gate", "failed"],
      ["openapi", "passed"],
      ["problem-shape", "passed"],
    ]);
    for (const { attempts } of report.checks) expect(attempts[0]!.evidence.length).toBeGreaterThan(0);
    expect(stdout + stderr).not.toContain(TOKEN);
  });

  test("holds an error too", async () => {
    const { code, stdout } = await seakeep(["--json"]);
    expect([code, JSON.parse(stdout)]).toMatchObject([2, { error: { code: "SK-CHECK-001" } }]);
  });
});

test("--only runs what it names, --schema says where the schema is", async () => {
  const url = await serve(
    healthy({ "/openapi.json": reply(404, {}), "/docs": reply(200, { openapi: "3.1.0" }) }),
  );
  const { code, stdout, stderr } = await seakeep([
    "--url",
    url.href,
    "--only",
    "openapi",
    "--schema",
    "/docs",
  ]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^0 passed, 1 failed in/m);
  expect(stderr).toBe(`next: seakeep check --url ${url.href} --schema /docs\n`);
});

test("--attempts shows each try", async () => {
  let asked = 0;
  const url = await serve((request, response) => {
    asked += 1;
    if (asked < 2) request.socket.destroy();
    else response.end("ok");
  });
  const { code, stdout } = await seakeep(["--url", url.href, "--only", "health", "--attempts", "3"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/\(passed after 2 attempts\)/);
  expect(stdout).toMatch(/attempt 1: .* hung up without an answer/);
});

test("the token may stand in a file", async () => {
  const file = join(cwd, "token");
  await writeFile(file, `${TOKEN}\n`);
  const url = await serve(healthy({}, TOKEN));
  const { code, stdout } = await seakeep(["--url", url.href, "--only", "metrics-gate"], {
    METRICS_TOKEN_FILE: file,
  });
  expect([code, stdout]).toEqual([0, expect.stringMatching(/✓ passed {3}metrics-gate/)]);
});

describe("--format and --output", () => {
  const target = async () => (await serve(healthy({}, TOKEN))).href;
  const secrets = { METRICS_TOKEN: TOKEN };

  test("write each format where it belongs, and what people read to the terminal", async () => {
    const files = [
      "--format",
      "junit",
      "--output",
      "junit.xml",
      "--format",
      "sarif",
      "--output",
      "out/check.sarif",
    ];
    const { code, stdout } = await seakeep(["--url", await target(), ...files], secrets);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^4 passed in \d+ ms$/m)]);
    expect(await readFile(join(cwd, "junit.xml"), "utf8")).toMatch(/<testsuite [^>]*tests="4"/);
    expect(JSON.parse(await readFile(join(cwd, "out/check.sarif"), "utf8"))).toMatchObject({
      version: "2.1.0",
    });
  });

  test("one may go to the terminal instead", async () => {
    const tap = await seakeep(["--url", await target(), "--format", "tap"], secrets);
    expect(tap.stdout).toMatch(/^TAP version 14\n1\.\.4\n/);
    const json = await seakeep(["--url", await target(), "--format", "json"], secrets);
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: true });
  });

  test.each([
    ["a format that there is not", ["--format", "html"]],
    ["a file without a format", ["--output", "junit.xml"]],
    ["two files for one format", ["--format", "tap", "--output", "a", "--output", "b"]],
    ["two formats for the terminal", ["--format", "tap", "--format", "json"]],
    ["a format for the terminal beside --json", ["--format", "tap", "--json"]],
    ["a format with a watch", ["--format", "tap", "--watch"]],
    ["a pace without a watch", ["--every", "1m"]],
    ["an address without a watch", ["--listen", "127.0.0.1:0"]],
  ])("%s is wrong usage", async (_what, args) => {
    expect((await seakeep(["--url", "http://127.0.0.1:9", ...args])).code).toBe(2);
  });
});

test("--expect-version confirms what is deployed", async () => {
  const url = (await serve(healthy({}, TOKEN))).href;
  const secrets = { METRICS_TOKEN: TOKEN };
  expect((await seakeep(["--url", url, "--expect-version", "1.4.2"], secrets)).code).toBe(0);
  const alone = await seakeep(["--url", url, "--expect-version", "1.4.2", "--only", "version"], secrets);
  expect([alone.code, alone.stdout]).toEqual([
    3,
    expect.stringMatching(/^\? unknown {2}version .*No answer told/m),
  ]);
  const stale = await seakeep(["--url", url, "--expect-version", "1.5.0"], secrets);
  expect(stale.stderr).toMatch(/--expect-version 1\.5\.0 --only version$/m);
  expect([stale.code, stale.stdout]).toEqual([
    1,
    expect.stringMatching(/✗ failed {3}version .* Version "1\.4\.2" answers, not "1\.5\.0"/),
  ]);
});

test("--watch runs until it is ended, says the same as one run, and tells Prometheus", async () => {
  const url = (await serve(healthy({}, TOKEN))).href;
  const ending = new AbortController();
  let [stdout, stderr, page] = ["", "", ""];
  const code = await run(
    ["check", "--url", url, "--watch", "--every", "20ms", "--listen", "127.0.0.1:0", "--json"],
    {
      stdout: {
        write: (text) => {
          stdout += text;
          if (stdout.split("\n").length <= 3) return;
          const at = /http:\/\/\S+\/metrics/.exec(stderr)![0];
          void fetch(at)
            .then((answer) => answer.text())
            .then((text) => {
              page = text;
            })
            .finally(() => ending.abort());
        },
      },
      stderr: {
        write: (text) => {
          stderr += text;
        },
      },
      environment: { METRICS_TOKEN: TOKEN },
      cwd,
      signal: ending.signal,
    },
  );
  expect(code).toBe(130);
  const reports = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as CheckReport);
  const verdicts = reports.map(({ checks }) => checks.map(({ verdict }) => verdict).join());
  expect(new Set(verdicts)).toEqual(new Set(["passed,passed,passed,passed"]));
  expect(page).toMatch(
    /^seakeep_check_status\{service="127\.0\.0\.1:\d+",check="health",verdict="passed"\} 1$/m,
  );
  await expect(fetch(/http:\/\/\S+\/metrics/.exec(stderr)![0])).rejects.toThrow();
});
