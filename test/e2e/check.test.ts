import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer, type Server as HttpServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { SEED_PASSWORD } from "courses-api";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { binary } from "../stack/binaries.ts";
import { type CommandResult, runCommand } from "../stack/commands.ts";
import { type CoursesApi, startCoursesApi } from "../stack/courses-api.ts";
import { openScratch, type Scratch, startPostgres } from "../stack/index.ts";
import { freePort } from "../stack/ports.ts";
import type { Postgres } from "../stack/postgres.ts";
import { until } from "../stack/until.ts";

const require = createRequire(import.meta.url);
const seakeepDist = dirname(require.resolve("seakeep"));
const seakeep = join(seakeepDist, "../bin/seakeep.js");
const coursesDist = dirname(require.resolve("courses-api"));
const project = join(coursesDist, "..");
const TOKEN = "a-token-of-the-end-to-end-test";

let scratch: Scratch;
let postgres: Postgres;
let api: CoursesApi;
let databaseUrl: string;

beforeAll(async () => {
  scratch = await openScratch();
  postgres = await startPostgres(scratch);
  databaseUrl = await postgres.createDatabase("courses");
  api = await startCoursesApi(scratch, { databaseUrl, metricsToken: TOKEN, port: await freePort() });
});

afterAll(() => scratch?.close());

interface Asking {
  /** The folder that holds seakeep.config.ts; default: one that holds none. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

function check(
  args: readonly string[],
  { cwd = scratch.folder, env = {} }: Asking = {},
): Promise<CommandResult> {
  return runCommand(scratch, { command: process.execPath, args: [seakeep, "check", ...args], cwd, env });
}

interface Report {
  readonly ok: boolean;
  readonly verdict: string;
  readonly durationMs: number;
  readonly checks: readonly { name: string; verdict: string; reason: string; notes: readonly string[] }[];
}

const configured = () => ({ cwd: project, env: { SERVICE_URL: api.url, METRICS_TOKEN: TOKEN } });
const read = ({ stdout }: CommandResult) => JSON.parse(stdout) as Report;
const verdicts = (report: Report) =>
  Object.fromEntries(report.checks.map(({ name, verdict }) => [name, verdict]));

test("a healthy deploy passes its configured checks, soon after its start", async () => {
  const started = performance.now();
  const result = await check(["--json"], configured());
  const whole = Math.round(performance.now() - started);
  const report = read(result);
  process.stdout.write(`smoke test: ${report.durationMs} ms, ${whole} ms with the start of Node\n`);
  expect(report.checks.filter(({ verdict }) => verdict !== "passed")).toEqual([]);
  expect([result.code, report.ok, report.checks.length]).toEqual([0, true, 4]);
  expect(report.checks.flatMap(({ notes }) => notes)).toContain('Version "scratch" answered.');
});

test("with a user of its own it also does what an instructor does, and leaves nothing behind", async () => {
  const courses = async () => {
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    const { rows } = await client.query("select count(*) from courses");
    await client.end();
    return rows[0] as unknown;
  };
  const before = await courses();
  const { cwd, env } = configured();
  const result = await check(["--json"], { cwd, env: { ...env, CHECK_PASSWORD: SEED_PASSWORD } });
  expect([result.code, verdicts(read(result)).author]).toEqual([0, "passed"]);
  expect(result.stdout).not.toContain(SEED_PASSWORD);
  expect(await courses()).toEqual(before);
});

test("--expect-version knows what is deployed", async () => {
  const right = await check(["--json", "--expect-version", "scratch"], configured());
  expect([right.code, verdicts(read(right)).version]).toEqual([0, "passed"]);
  const stale = await check(["--expect-version", "2026-11-24"], configured());
  expect([stale.code, stale.stdout]).toEqual([
    1,
    expect.stringMatching(/✗ failed {3}version .*Version "scratch" answers, not "2026-11-24"/),
  ]);
});

test("--watch says the same as one run, is scraped by Prometheus's rules, and ends on SIGTERM", async () => {
  const port = await freePort();
  const watching = spawn(
    process.execPath,
    [seakeep, "check", "--watch", "--every", "300ms", "--listen", `127.0.0.1:${port}`],
    {
      cwd: project,
      env: { ...process.env, ...configured().env, NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let stdout = "";
  watching.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  const ended = once(watching, "exit");
  try {
    await until("two runs", async () => stdout.split("\n").length > 2, { within: 20_000 });
    const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    const status = (name: string) =>
      `seakeep_check_status{service="courses-api",check="${name}",verdict="passed"} 1`;
    expect(page).toContain(status("health"));
    expect(page).toContain(status("openapi"));
    const { code } = await runCommand(scratch, {
      command: "sh",
      args: ["-c", `printf '%s' "$PAGE" | ${binary("promtool")} check metrics`],
      env: { PAGE: page },
    });
    expect(code).toBe(0);
  } finally {
    watching.kill("SIGTERM");
  }
  expect(await ended).toEqual([130, null]);
  for (const line of stdout.trimEnd().split("\n")) expect(line).toMatch(/^\S+Z {2}4 passed in \d+ ms$/);
});

test("without a configuration a URL and the token are enough", async () => {
  const result = await check(["--url", api.url], { env: { METRICS_TOKEN: TOKEN } });
  expect(result.stdout).toMatch(/^4 passed in \d+ ms$/m);
  expect(result.code).toBe(0);
});

test("without the token it cannot tell, and says which part", async () => {
  const result = await check(["--url", api.url, "--json"]);
  const report = read(result);
  expect([result.code, verdicts(report)]).toEqual([
    3,
    { health: "passed", "metrics-gate": "unknown", openapi: "passed", "problem-shape": "passed" },
  ]);
  expect(report.checks[1]!.reason).toMatch(/whether it answers Prometheus was not seen/);
});

test("with a wrong token it fails, and shows neither", async () => {
  const wrong = "another-token-entirely";
  const result = await check(["--url", api.url], { env: { METRICS_TOKEN: wrong } });
  expect(result.code).toBe(1);
  expect(result.stdout).toMatch(/✗ failed {3}metrics-gate .* answered 401 .* to the right token/);
  expect(result.stdout + result.stderr).not.toContain(wrong);
});

test("a deploy of another declaration is found", async () => {
  const from = (path: string) => JSON.stringify(path);
  await writeFile(
    join(scratch.folder, "stricter.config.ts"),
    `
      import { defineService, errors, latency } from ${from(require.resolve("@seakeep/contract"))};
      import { defineOps, metricsGate, secret } from ${from(require.resolve("seakeep"))};
      const slos = [errors({ objective: 99 }), latency({ objective: 95, threshold: "330ms" })];
      const service = defineService({ name: "courses-api", owner: "learning", slos });
      const token = secret("METRICS_TOKEN");
      export default defineOps({ service, url: ${from(api.url)}, metrics: { token }, checks: [metricsGate()] });
    `,
  );
  const result = await check(["--config", "stricter.config.ts"], { env: { METRICS_TOKEN: TOKEN } });
  expect(result.code).toBe(1);
  expect(result.stdout).toMatch(/The deployed declaration is "[0-9a-f]{16}", this one is "[0-9a-f]{16}"/);
  expect(result.stdout).toMatch(/has no bucket edge at 0\.33 s/);
});

test("a service without a token is closed to all but loopback, and that is tried", async () => {
  const databaseUrl = await postgres.createDatabase("tokenless");
  const open = await startCoursesApi(scratch, { databaseUrl, metricsToken: "", port: await freePort() });
  const result = await check(["--url", open.url, "--json"]);
  const report = read(result);
  expect([result.code, verdicts(report)["metrics-gate"]]).toEqual([0, "passed"]);
  expect(report.checks[1]!.notes.join()).toMatch(/a request forwarded for 203\.0\.113\.7 was refused/);
  await open.crash();
});

test("a proxy that lets everybody in is found, though the service behind it is closed", async () => {
  const proxy = await startProxy(api.url);
  try {
    const { port } = proxy.address() as AddressInfo;
    const result = await check(["--url", `http://127.0.0.1:${port}`], { env: { METRICS_TOKEN: TOKEN } });
    expect(result.code).toBe(1);
    expect(result.stdout).toMatch(/The gate is open: it answered 200 .* without credentials/);
  } finally {
    proxy.close();
  }
});

test("a service that lost its database fails, and one that is gone is unknown", async () => {
  await postgres.stop();
  // Health keeps its last result for a second.
  const unwell = async () => (await fetch(`${api.url}/healthz`)).status === 503;
  await until("the health endpoint to notice", unwell, { within: 10_000 });
  const result = await check(["--json"], configured());
  const report = read(result);
  expect([result.code, verdicts(report).health]).toEqual([1, "failed"]);
  expect(report.checks[0]!.reason).toMatch(/answered 503 .*database/);

  await api.crash();
  const gone = await check(["--json"], configured());
  expect([gone.code, Object.values(verdicts(read(gone)))]).toEqual([3, Array(4).fill("unknown")]);
});

/** A reverse proxy that adds the token by itself: what somebody does to "make Grafana work". */
async function startProxy(target: string): Promise<HttpServer> {
  const server = createServer(async (request, response) => {
    const answer = await fetch(target + request.url, { headers: { authorization: `Bearer ${TOKEN}` } });
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" });
    response.end(await answer.text());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}
