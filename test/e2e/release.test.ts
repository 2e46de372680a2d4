import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cp, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { runCommand } from "../stack/commands.ts";
import { type CoursesApi, startCoursesApi } from "../stack/courses-api.ts";
import {
  openScratch,
  type Scratch,
  startPostgres,
  startTraffic,
  type Traffic,
  until,
} from "../stack/index.ts";
import { freePort } from "../stack/ports.ts";
import type { Server } from "../stack/processes.ts";
import { instantQuery, startPrometheus } from "../stack/prometheus.ts";

// One service and its releases, in order: one that ships, one that every gate refuses, and two that are looked at afterwards.
const root = join(import.meta.dirname, "../..");
const command = join(dirname(createRequire(import.meta.url).resolve("seakeep")), "../bin/seakeep.js");

let scratch: Scratch;
let project: string;
let api: CoursesApi;
let prometheus: Server;
let traffic: Traffic;
let env: Record<string, string>;

const file = (path: string) => join(project, path);
const run = (args: readonly string[], more: Record<string, string> = {}) =>
  runCommand(scratch, {
    command: process.execPath,
    args: [command, ...args],
    cwd: project,
    env: { ...env, ...more },
  });

async function release(verb: string, args: readonly string[], more: Record<string, string> = {}) {
  const { code, stdout, stderr } = await run(["release", verb, "--json", ...args], more);
  expect(stdout, stderr).not.toBe("");
  return { code, stderr, report: JSON.parse(stdout) };
}

/** The verdict and the reason of each gate that did not open. */
const closed = ({
  gates,
}: {
  gates: { name: string; verdict: string; reason: string }[];
}): Record<string, string> =>
  Object.fromEntries(
    gates
      .filter(({ verdict }) => verdict !== "passed")
      .map(({ name, verdict, reason }) => [name, `${verdict}: ${reason}`]),
  );

async function git(...args: string[]): Promise<void> {
  const user = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
  const { code, stderr } = await runCommand(scratch, {
    command: "git",
    args: [...user, ...args],
    cwd: project,
  });
  expect(code, stderr).toBe(0);
}

const CONFIG = (rpo: string) => `import { defineService, errors, latency } from "@seakeep/contract";
import { defineOps, env, fs, health, nodePgMigrate, prometheus, secret } from "seakeep";
const service = defineService({
  name: "courses-api", owner: "learning", recovery: { rpo: "${rpo}", rto: "1h" },
  slos: [errors({ objective: 99 }), latency({ objective: 95, threshold: "500ms" })],
});
export default defineOps({
  service, url: env("SERVICE_URL"), database: secret("DATABASE_URL"), metrics: { token: secret("METRICS_TOKEN") },
  backup: { store: fs(env("STORE")) }, drill: { every: "7d" }, checks: [health()],
  signals: prometheus(env("PROMETHEUS_URL")), prometheus: { scrapeInterval: "1s" },
  migrations: nodePgMigrate("migrations"),
  release: { waive: { budget: "measured since a moment ago" } },
});
`;

beforeAll(async () => {
  scratch = await openScratch();
  project = join(scratch.folder, "project");
  await mkdir(project);
  await symlink(join(root, "node_modules"), file("node_modules"));
  await cp(join(root, "examples/courses-api/migrations"), file("migrations"), { recursive: true });
  await writeFile(file("seakeep.config.ts"), CONFIG("24h"));
  await writeFile(file(".gitignore"), "node_modules\n");

  const token = randomBytes(18).toString("base64url");
  const [postgres, port] = [await startPostgres(scratch), await freePort()];
  const databaseUrl = await postgres.createDatabase("courses");
  api = await startCoursesApi(scratch, { databaseUrl, metricsToken: token, port });
  await writeFile(join(scratch.folder, "token"), token, { mode: 0o600 });
  await writeFile(
    join(scratch.folder, "rules.yml"),
    `groups: [{ name: courses, interval: 1s, rules: [
  { record: "slo:objective:ratio", expr: "vector(0.99)", labels: { service: courses-api, slo: errors } },
  { alert: ErrorBudgetBurn, expr: 'sum(increase(http_server_errors_total{job="courses-api"}[5s])) > 5', labels: { service: courses-api, slo: errors, severity: page } },
] }]`,
  );
  await writeFile(
    join(scratch.folder, "prometheus.yml"),
    `global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [rules.yml]
scrape_configs: [{ job_name: courses-api, authorization: { credentials_file: token }, static_configs: [{ targets: ["127.0.0.1:${port}"] }] }]`,
  );
  prometheus = await startPrometheus(scratch, join(scratch.folder, "prometheus.yml"));
  env = {
    ...{ SERVICE_URL: api.url, DATABASE_URL: databaseUrl, METRICS_TOKEN: token },
    ...{ PROMETHEUS_URL: `http://127.0.0.1:${prometheus.port}`, STORE: join(scratch.folder, "store") },
    ...{ NO_COLOR: "1", HOME: scratch.folder },
  };
  traffic = startTraffic({ url: api.url, paths: (await api.paths()).slice(0, 2), rate: 300, limit: 300_000 });
  for (const args of [["generate"], ["backup", "create"], ["drill"]]) {
    const { code, stderr } = await run(args);
    expect(code, stderr).toBe(0);
  }
  await git("init", "-q");
  await git("add", ".");
  await git("commit", "-qm", "one");
  await git("tag", "v1");
  // Prometheus takes its time before it asks a target at all.
  await until(
    "requests that were counted",
    async () =>
      (await instantQuery(prometheus, 'sum(increase(http_requests_total{job="courses-api"}[1m])) > 0'))
        .length > 0,
    { within: 30_000, every: 100 },
  );
});

afterAll(async () => {
  traffic?.stop();
  await scratch?.close();
});

test("a release ships when every gate opens, and the decision is signed", async () => {
  const key = spawnSync("openssl", ["genpkey", "-algorithm", "ed25519"], { encoding: "utf8" }).stdout;
  const spki = spawnSync("openssl", ["pkey", "-pubout"], { input: key, encoding: "utf8" }).stdout;
  const { code, report, stderr } = await release("check", ["--version", "v1", "--record"], {
    SEAKEEP_SIGNING_KEY: key,
  });
  expect(closed(report)).toEqual({
    budget: expect.stringMatching(/^unknown: Only \S+ % of the period was seen/),
  });
  expect({ code, verdict: report.verdict, by: report.by.from }).toEqual({
    code: 0,
    verdict: "passed",
    by: "user",
  });
  expect(report.record).toMatchObject({ name: "r000001", signedBy: expect.any(String) });
  await writeFile(join(scratch.folder, "release.pub"), spki);
  const trust = [
    "--verify",
    "--public-key",
    join(scratch.folder, "release.pub"),
    "--head",
    report.record.head,
  ];
  expect(await release("record", trust)).toMatchObject({
    code: 0,
    report: { verdict: "passed", records: 1, signed: 1 },
  });
  const stored = await readFile(join(env.STORE!, "courses-api/releases/r000001.json"), "utf8");
  for (const secret of [env.METRICS_TOKEN!, new URL(env.DATABASE_URL!).password, key]) {
    if (secret !== "") expect(stored + stderr).not.toContain(secret);
  }
});

test("what was shipped is kept when it is no worse, and looked at no oftener than was planned", async () => {
  const seen = async () =>
    (await instantQuery(prometheus, 'count_over_time(up{job="courses-api"}[1m])'))[0]?.value ?? 0;
  await until("ten seconds of the version before", async () => (await seen()) >= 11, {
    within: 60_000,
    every: 250,
  });
  const since = new Date().toISOString();
  const args = [
    "--version",
    "scratch",
    "--since",
    since,
    "--baseline",
    "8s",
    "--for",
    "60s",
    "--every",
    "1s",
  ];
  const first = await release("verify", args);
  expect(first.code, JSON.stringify(first.report.items)).toBe(0);
  expect(first.report).toMatchObject({ verdict: "passed", look: { index: 1, planned: 1 } });
  const again = await release("verify", args);
  expect(again).toMatchObject({ code: 3, report: { verdict: "unknown", look: { index: 2, planned: 1 } } });
  const other = await release("verify", [...args.slice(2), "--version", "another"]);
  expect(other).toMatchObject({ code: 1, report: { items: [{ name: "checks", verdict: "failed" }] } });
});

test("every gate refuses for its own reason, and what is worse is not kept", async () => {
  const since = new Date().toISOString();
  await api.setFaults({ errors: 0.1 });
  await writeFile(file("migrations/004_more.sql"), "-- Up Migration\ncreate table more (id int);\n");
  await writeFile(file("seakeep.config.ts"), CONFIG("1s"));
  await rm(file("generated/docs/slo.md"));
  const drilled = join(env.STORE!, "courses-api/drills/d000001.json");
  const old = new Date(Date.now() - 9 * 86_400_000).toISOString();
  await writeFile(
    drilled,
    (await readFile(drilled, "utf8")).replace(/"startedAt": "[^"]*"/, `"startedAt": "${old}"`),
  );
  await until(
    "a page",
    async () => (await instantQuery(prometheus, 'ALERTS{alertstate="firing"}')).length > 0,
    { within: 30_000, every: 250 },
  );
  const { code, report } = await release("check", ["--version", "v1"]);
  expect(code).toBe(1);
  expect(closed(report)).toMatchObject({
    tree: expect.stringMatching(/^failed: \d paths differ from commit .*migrations\/004_more\.sql/),
    drift: expect.stringMatching(/^failed: .*docs\/slo\.md \(missing\)/),
    pages: expect.stringMatching(/^failed: ErrorBudgetBurn of errors has been paging/),
    backup: expect.stringMatching(/^failed: .* old, and the RPO is 1 s/),
    drill: expect.stringMatching(/^failed: The last drill was 9 d ago/),
    migrations: expect.stringMatching(/^failed: 004_more is not proven/),
  });
  const missing = await release("check", ["--override", "pages=x"], { METRICS_TOKEN: "" });
  expect(missing).toMatchObject({ code: 2, report: { error: { code: "SK-RELEASE-003" } } });

  const verified = await release("verify", [
    ...[
      "--version",
      "scratch",
      "--since",
      since,
      "--baseline",
      "12s",
      "--for",
      "10s",
      "--every",
      "1s",
      "--dir",
      "looks",
    ],
  ]);
  expect(verified.code, JSON.stringify(verified.report.items)).toBe(1);
  expect(verified.report.verdict).toBe("failed");
});

test("the action decides by the same command, and passes its inputs on unread", async () => {
  const action = parse(await readFile(join(root, "actions/release/action.yml"), "utf8"));
  const [step] = action.runs.steps;
  expect(action.runs.using).toBe("composite");
  // An input pasted into a script is a script.
  expect(step.run).not.toContain("${{");
  for (const name of Object.keys(action.inputs)) expect(JSON.stringify(step)).toContain(`inputs.${name}`);
  const [summary, outputs] = [join(scratch.folder, "summary.md"), join(scratch.folder, "outputs")];
  const { code, stdout } = await runCommand(scratch, {
    command: "bash",
    args: ["-c", step.run],
    cwd: project,
    env: {
      ...{ ...env, VERB: "check", VERSION: "$(touch pwned)", SINCE: "", OPTIONS: "--by\nada" },
      ...{ RUNNER_TEMP: scratch.folder, GITHUB_STEP_SUMMARY: summary, GITHUB_OUTPUT: outputs },
    },
  });
  expect(code).toBe(2);
  expect(await readFile(outputs, "utf8")).toBe("verdict=error\n");
  expect(stdout).not.toContain("::error");
  await rm(outputs);
  const refused = await runCommand(scratch, {
    command: "bash",
    args: ["-c", step.run],
    cwd: project,
    env: {
      ...{ ...env, METRICS_TOKEN: "", VERB: "check", VERSION: "v1", SINCE: "", OPTIONS: "--by\nada" },
      ...{ RUNNER_TEMP: scratch.folder, GITHUB_STEP_SUMMARY: summary, GITHUB_OUTPUT: outputs },
    },
  });
  expect(refused.code, refused.stderr).toBe(1);
  expect(refused.stdout).toMatch(
    /^::error title=Release check of courses-api%3A configuration::METRICS_TOKEN/m,
  );
  expect(await readFile(summary, "utf8")).toContain("✗ Release check of courses-api, `v1`");
  const evidence = join(scratch.folder, "seakeep-release-check.json");
  expect(await readFile(outputs, "utf8")).toBe(`verdict=failed\nevidence=${evidence}\n`);
  expect(JSON.parse(await readFile(evidence, "utf8")).by).toEqual({ name: "ada", from: "--by" });
});

test("the templates for Argo Rollouts are ones, and call the verb with options that it has", async () => {
  const page = await readFile(join(root, "docs/how-to/release.md"), "utf8");
  const blocks = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, text]) => parse(text!));
  const templates = blocks.filter(({ kind }) => kind === "AnalysisTemplate");
  expect(templates.map(({ apiVersion }) => apiVersion)).toEqual(Array(2).fill("argoproj.io/v1alpha1"));
  const metrics = templates.flatMap(({ spec }) => spec.metrics);
  expect(metrics.map(({ failureLimit, inconclusiveLimit }) => [failureLimit, inconclusiveLimit])).toEqual([
    [0, 0],
    [0, 0],
  ]);
  const [job, web] = metrics;
  const [container] = job.provider.job.spec.template.spec.containers;
  expect(container.command.slice(-3)).toEqual(["seakeep", "release", "verify"]);
  const { stdout: help } = await run(["release", "verify", "--help"]);
  for (const argument of container.args as string[]) expect(help).toContain(`${argument.split("=", 1)[0]} <`);
  const declared = templates[0].spec.args.map(({ name }: { name: string }) => name);
  for (const [, used] of container.args.join(" ").matchAll(/\{\{args\.([a-z-]+)\}\}/g))
    expect(declared).toContain(used);
  // As the web provider asks: how many pages fire; and nothing at all, which is an error, where no rule is evaluated.
  expect(web.successCondition).toBe("asInt(result) == 0");
  expect(web.provider.web.jsonPath).toBe("{$.data.result[0].value[1]}");
  const asked = async (service: string) => {
    const { pathname, search } = new URL(web.provider.web.url.replaceAll("courses-api", service));
    const answer = await fetch(new URL(`${pathname}${search}`, env.PROMETHEUS_URL));
    const { status, data } = (await answer.json()) as {
      status: string;
      data: { result: { value: [number, string] }[] };
    };
    return { status, value: data.result[0]?.value[1] };
  };
  expect(await asked("courses-api")).toEqual({ status: "success", value: "1" });
  expect(await asked("another")).toEqual({ status: "success", value: undefined });
  await api.setFaults({ errors: 0 });
  await until("the page to end", async () => (await asked("courses-api")).value === "0", {
    within: 60_000,
    every: 500,
  });
});
