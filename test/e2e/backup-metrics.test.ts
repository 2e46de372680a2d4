import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { binary } from "../stack/binaries.ts";
import { runCommand } from "../stack/commands.ts";
import { instantQuery, openScratch, type Scratch, startPostgres, until } from "../stack/index.ts";
import { freePort } from "../stack/ports.ts";
import { startPrometheus } from "../stack/prometheus.ts";
import { seakeep, startSeakeep } from "./backup/command.ts";

let scratch: Scratch;
let store: string;
let url: string;

beforeAll(async () => {
  scratch = await openScratch();
  const postgres = await startPostgres(scratch);
  const database = await postgres.createDatabase("courses");
  store = join(scratch.folder, "store");
  url = `file://${store}`;
  const args = ["backup", "create", "--store", url, "--service", "courses"];
  const { code, stderr } = await seakeep(scratch, args, { DATABASE_URL: database });
  expect(code, stderr).toBe(0);
});
afterAll(() => scratch?.close());

const metrics = (...args: readonly string[]) =>
  seakeep(scratch, ["backup", "metrics", "--store", url, "--service", "courses", ...args], {});

it("prints what promtool has nothing to say of", async () => {
  const { code, stdout } = await metrics();
  expect(code).toBe(0);
  expect(stdout).toContain('backup_backups{service="courses",state="complete"} 1\n');
  const file = join(scratch.folder, "page.txt");
  await writeFile(file, stdout);
  const args = ["-c", 'exec "$0" check metrics < "$1"', binary("promtool"), file];
  expect(await runCommand(scratch, { command: "/bin/sh", args })).toEqual({
    code: 0,
    stdout: "",
    stderr: "",
  });
});

it("writes a text file whole, for the collector of node_exporter", async () => {
  const folder = join(scratch.folder, "textfile");
  await mkdir(folder);
  const file = join(folder, "backup.prom");
  expect(await metrics("--textfile", file)).toEqual({ code: 0, stdout: "", stderr: "" });
  expect(await readFile(file, "utf8")).toMatch(/^backup_size_bytes\{service="courses"\} \d{3,}$/m);
  expect(await readdir(folder)).toEqual(["backup.prom"]);
});

it("serves Prometheus, and tells a store that cannot be read from one that is empty", async () => {
  const port = await freePort();
  const away = `${store}-away`;
  const args = ["backup", "metrics", "--store", url, "--service", "courses", "--listen", `127.0.0.1:${port}`];
  const running = startSeakeep(scratch, args, {});
  const config = join(scratch.folder, "prometheus.yml");
  await writeFile(
    config,
    `global: { scrape_interval: 500ms, scrape_timeout: 400ms }
scrape_configs: [{ job_name: backups, static_configs: [{ targets: ["127.0.0.1:${port}"] }] }]
`,
  );
  const prometheus = await startPrometheus(scratch, config);
  const age = 'time() - backup_last_snapshot_timestamp_seconds{service="courses"}';
  const seen = await until("the backup in Prometheus", async () => (await instantQuery(prometheus, age))[0], {
    within: 30_000,
    every: 200,
  });
  expect(seen.value).toBeGreaterThanOrEqual(0);
  expect(seen.value).toBeLessThan(600);
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404);
  expect((await fetch(`http://127.0.0.1:${port}/metrics`, { method: "POST" })).status).toBe(405);
  running.child.kill("SIGTERM");
  expect(await running.ended).toEqual({ code: 130, signal: null });

  await rename(store, away);
  const lost = await metrics();
  expect(lost.code).toBe(3);
  expect(lost.stdout.split("\n").filter((line) => line !== "" && !line.startsWith("#"))).toEqual([
    "backup_store_up 0",
  ]);
  expect(lost.stderr).toContain("SK-STORE-");
  await rename(away, store);
});
