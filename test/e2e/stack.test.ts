import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openScratch, type Scratch, until } from "../stack/index.ts";
import { type ServerSpec, startServer } from "../stack/processes.ts";

let scratch: Scratch;

beforeEach(async () => {
  scratch = await openScratch();
});

afterEach(() => scratch.close());

/** A program that a shell runs, ready once it has written the file `ready`. */
function shell(script: string): ServerSpec {
  return {
    name: "part",
    command: "/bin/sh",
    args: (port) => ["-c", script, "part", String(port)],
    ready: async () => existsSync(join(scratch.folder, "ready")),
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test("a part that ends before it is ready fails at once, and its log says why", async () => {
  const started = performance.now();
  await expect(startServer(scratch, shell("echo no disk left; exit 3"))).rejects.toThrow(
    "part ended with 3 before it was ready\nno disk left",
  );
  expect(performance.now() - started).toBeLessThan(5_000);
});

test("a program that is not there is named", async () => {
  const spec = { ...shell(""), command: "/nowhere/part" };
  await expect(startServer(scratch, spec)).rejects.toThrow("part did not start: spawn /nowhere/part ENOENT");
});

test("a port that is taken in the meantime is replaced by another", async () => {
  const takenOnce = "[ -e tried ] || { touch tried; echo bind: address already in use; exit 1; }";
  const server = await startServer(scratch, shell(`${takenOnce}; touch ready; exec sleep 600`));
  expect(isAlive(server.pid)).toBe(true);
  await server.stop();
  expect(isAlive(server.pid)).toBe(false);
});

test("closing ends what will not stop by itself, children included, and removes the folder", async () => {
  const stubborn = "trap '' TERM; sleep 600 & echo $! > child; touch ready; while :; do wait; done";
  const server = await startServer(scratch, shell(stubborn));
  const pids = [server.pid, Number(readFileSync(join(scratch.folder, "child"), "utf8"))];
  expect(pids.every(isAlive)).toBe(true);
  await scratch.close();
  expect(existsSync(scratch.folder)).toBe(false);
  await until("no process left", () => !pids.some(isAlive), { within: 5_000 });
});
