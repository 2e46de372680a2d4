import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { parseConnection } from "../../postgres/connection.ts";
import { openWorkFolder, type WorkFolder } from "../../postgres/scratch/work-folder.ts";
import { type BootCheck, type BootParts, boot } from "./boot.ts";
import type { BootSettings } from "./declaration.ts";

/** Answers its environment, and can be told to end. */
const SERVICE = `require("http").createServer((request, response) => {
  if (request.url === "/die") process.exit(7);
  response.statusCode = request.url === "/unready" ? 503 : 200;
  response.end(JSON.stringify(process.env));
}).listen(process.env.PORT, "127.0.0.1");`;

let parent: string;
let folder: WorkFolder;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "seakeep-test-"));
  folder = await openWorkFolder(parent);
});
afterEach(async () => {
  await folder.close();
  await rm(parent, { recursive: true, force: true });
});

const passed: BootCheck = { name: "health", verdict: "passed", reason: "It answered." };
const database = parseConnection("postgres://u:p@localhost/restored?host=/tmp/socket", {});

const run = (script: string, given: Partial<BootSettings> = {}, parts: Partial<BootParts> = {}) =>
  boot(
    {
      ...{ command: [process.execPath, "-e", script], env: {}, database: "DB", port: "PORT" },
      ...{ ready: "/readyz", within: 5_000, ...given },
    },
    database,
    {
      ...{ folder, cwd: parent, path: dirname(process.execPath), env: {}, clock: () => performance.now() },
      ...{ check: async () => [passed], signal: new AbortController().signal, ...parts },
    },
  );

it("passes when the service becomes ready and its checks pass, and gives it nothing that is not named", async () => {
  let seen: Record<string, string> = {};
  const check = async (url: URL) => {
    seen = (await (await fetch(url)).json()) as Record<string, string>;
    return [passed];
  };
  expect(await run(SERVICE, {}, { check, env: { TOKEN: "t" } })).toEqual({
    ...{ passed: true, seconds: expect.any(Number), checks: [passed] },
  });
  expect(Object.keys(seen).sort()).toEqual(["DB", "PATH", "PORT", "TMPDIR", "TOKEN"]);
  expect(seen.DB).toBe("postgres://u:p@localhost:5432/restored?host=%2Ftmp%2Fsocket");
});

it.each([
  ["ends at once", "console.error('no such table'); process.exit(3)", {}, /^it ended with 3 before/],
  [
    "never listens",
    "setInterval(() => {}, 1000)",
    { within: 300 },
    /not ready within 0\.3 s: nothing answered/,
  ],
  ["says that it is not ready", SERVICE, { ready: "/unready", within: 600 }, /it answered 503$/],
])("fails when it %s, and shows what it printed", async (_name, script, given, problem) => {
  let log: string | undefined;
  const result = await run(script, given, {
    onLog: (lines) => {
      log = lines;
    },
  });
  expect(result).toEqual({ passed: false, problem: expect.stringMatching(problem), checks: [] });
  expect(log).toBe(script.includes("no such table") ? "no such table" : "");
});

it("fails when a check failed or could not tell, when none ran, and when it ends meanwhile", async () => {
  for (const verdict of ["failed", "unknown"] as const) {
    const check = async () => [passed, { ...passed, verdict }];
    expect(await run(SERVICE, {}, { check })).toMatchObject({ passed: false, checks: [passed, { verdict }] });
  }
  const none = await run(SERVICE, {}, { check: async () => [] });
  expect(none).toMatchObject({ passed: false, problem: expect.stringContaining("no check is configured") });
  const die = async (url: URL) => {
    await fetch(new URL("/die", url)).catch(() => {});
    return [passed];
  };
  expect(await run(SERVICE, {}, { check: die })).toMatchObject({
    ...{ passed: false, problem: "it ended with 7" },
  });
});

it("ends what the service started, too", async () => {
  const file = join(parent, "pid");
  const child = `const child = require("child_process").spawn("sleep", ["60"], { stdio: "ignore" });
    require("fs").writeFileSync(${JSON.stringify(file)}, String(child.pid));${SERVICE}`;
  expect(await run(child)).toMatchObject({ passed: true });
  const state = await readFile(`/proc/${await readFile(file, "utf8")}/stat`, "utf8").catch(() => "gone");
  expect(state).toMatch(/^gone$|\) [ZX] /);
});

it("is no verdict when there is no such program", async () => {
  await expect(run("", { command: ["./nowhere"] })).rejects.toMatchObject({ code: "SK-DRILL-004" });
});
