import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openWorkFolder } from "./work-folder.ts";

let parent: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "seakeep-test-"));
});
afterEach(() => rm(parent, { recursive: true, force: true }));

describe("openWorkFolder", () => {
  it("makes a folder that nobody else may enter, and takes it away with all that is in it", async () => {
    const folder = await openWorkFolder(parent);
    expect((await stat(folder.path)).mode & 0o777).toBe(0o700);
    await mkdir(join(folder.path, "data/base"), { recursive: true });
    await folder.close();
    await folder.close();
    expect(await readdir(parent)).toEqual([]);
  });

  it("clears away what dead drills of this host left, and nothing else", async () => {
    const first = await openWorkFolder(parent);
    const name = basename(first.path);
    // No process has this number: it is beyond the largest.
    const dead = name.replace(`-${process.pid}-`, "-4194305-");
    const kept = [name, "other", dead.replace("drill", "restore"), dead.replace(/drill-./, "drill-z")];
    for (const folder of [dead, ...kept.slice(1)])
      await mkdir(join(parent, folder, "data"), { recursive: true });
    const second = await openWorkFolder(parent);
    expect((await readdir(parent)).sort()).toEqual([...kept, basename(second.path)].sort());
    for (const folder of [first, second]) await folder.close();
  });

  it("ends each process group that it guards with its signal, and none that it has released", async () => {
    const folder = await openWorkFolder(parent);
    const start = () => {
      const child = spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
      return {
        pid: child.pid!,
        ended: new Promise((resolve) => child.once("exit", (_, how) => resolve(how))),
      };
    };
    const [quit, term, released] = [start(), start(), start()];
    folder.guard(quit.pid, "SIGQUIT");
    folder.guard(term.pid, "SIGTERM");
    folder.guard(released.pid, "SIGTERM");
    folder.release(released.pid);
    await folder.close();
    expect([await quit.ended, await term.ended]).toEqual(["SIGQUIT", "SIGTERM"]);
    process.kill(released.pid, "SIGHUP");
    expect(await released.ended).toBe("SIGHUP");
  });

  it("ends what is started while it closes", async () => {
    const folder = await openWorkFolder(parent);
    const closing = folder.close();
    const child = spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
    const ended = new Promise((resolve) => child.once("exit", (_, how) => resolve(how)));
    folder.guard(child.pid!, "SIGTERM");
    expect(await ended).toBe("SIGKILL");
    await closing;
  });

  it("says what is wrong with a folder that cannot be used", async () => {
    await expect(openWorkFolder(join(parent, "missing"))).rejects.toMatchObject({ code: "SK-BACKUP-007" });
  });
});
