import { execFile, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { timestamp } from "./log.ts";

test("timestamps are RFC 3339 with milliseconds", () => {
  for (const now of [0, 5, 99, 999, 1000, 1_767_225_599_999, 1_767_225_600_000, 1_767_225_600_010]) {
    expect(timestamp(now)).toBe(new Date(now).toISOString());
  }
});

/** Arguments that run a script against the built module, which only a process of its own can show. */
function running(script: string): string[] {
  const built = new URL("../dist/log.js", import.meta.url);
  const source = `import { stdoutLines } from ${JSON.stringify(built)};\n${script}`;
  return ["--input-type=module", "--eval", source];
}

async function output(script: string): Promise<{ stdout: string; code: number }> {
  const run = promisify(execFile)(process.execPath, running(script), {
    cwd: fileURLToPath(new URL(".", import.meta.url)),
  });
  return run.then(
    ({ stdout }) => ({ stdout, code: 0 }),
    ({ stdout, code }) => ({ stdout, code }),
  );
}

const writes =
  "let n = 0; const w = process.stdout.write; process.stdout.write = function (...a) { n++; return w.apply(this, a) };";

test("under load turns share a write, and nothing is left behind", async () => {
  const { stdout } = await output(`${writes}
    for (let turn = 0; turn < 200; turn++) {
      stdoutLines.write("line\\n");
      await new Promise(setImmediate);
    }
    setTimeout(() => w.call(process.stdout, n + "\\n"), 50);
  `);
  const lines = stdout.trimEnd().split("\n");
  expect(lines.slice(0, -1)).toEqual(Array(200).fill("line"));
  expect(Number(lines.at(-1))).toBeLessThan(100);
});

test("lines are written at the end of the turn, and what is left when the process exits or crashes", async () => {
  const turn = `${writes} for (let i = 0; i < 3; i++) stdoutLines.write("a\\n"); setImmediate(() => w.call(process.stdout, n + "\\n"));`;
  expect(await output(turn)).toEqual({ stdout: "a\na\na\n1\n", code: 0 });
  expect(await output('stdoutLines.write("last\\n"); process.exit(3);')).toEqual({
    stdout: "last\n",
    code: 3,
  });
  const crash = 'stdoutLines.write("last\\n"); throw new Error("crash");';
  expect(await output(crash)).toEqual({ stdout: "last\n", code: 1 });
});

test("a turn that does not end does not hold the log back", async () => {
  const { stdout } = await output(
    'for (let i = 0; i < 3000; i++) stdoutLines.write("x".repeat(99) + "\\n"); process.kill(process.pid, "SIGKILL");',
  );
  expect(stdout.length).toBeGreaterThan(200_000);
});

test("a reader of the log that goes away does not take the service with it", async () => {
  const script = `
    const timer = setInterval(() => stdoutLines.write("line\\n"), 5);
    process.stdin.once("end", () => setTimeout(() => { clearInterval(timer); process.exitCode = 7; }, 50)).resume();
  `;
  const child = spawn(process.execPath, running(script), { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  await new Promise((resolve) => child.stdout.once("data", resolve));
  child.stdout.destroy();
  child.stdin.end();
  expect(await ended).toBe(7);
});
