import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type Channel, openChannel } from "./channel.ts";

const open: { close(): void }[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

async function channelOf(): Promise<Channel> {
  const channel = await openChannel();
  open.push(channel!);
  return channel!;
}

/** A shell whose output goes into the channel. */
function run({ childEnd, given }: Channel, script: string): ChildProcess {
  const child = spawn("/bin/sh", ["-c", script], { stdio: ["ignore", childEnd, "ignore"] });
  given();
  open.push({ close: () => child.kill("SIGKILL") });
  return child;
}

async function textOf({ body }: Channel): Promise<string> {
  let text = "";
  for await (const bytes of body) text += Buffer.from(bytes).toString("latin1");
  return text;
}

/** Names of this process's sockets that no file system has; every user of the machine can list them. */
function names(): string[] {
  const own = new Set(
    readdirSync("/proc/self/fd").map((descriptor) => {
      try {
        return readlinkSync(`/proc/self/fd/${descriptor}`);
      } catch {
        // That of reading the folder itself.
        return "";
      }
    }),
  );
  const listed = readFileSync("/proc/net/unix", "utf8").matchAll(/ (\d+) @(seakeep-[0-9a-f]{32})@*$/gm);
  return [...listed].flatMap(([, inode, name]) => (own.has(`socket:[${inode}]`) ? [name!] : []));
}

describe.runIf(process.platform === "linux")("a channel", () => {
  it("has what a program wrote, byte by byte, and ends with it", async () => {
    const channel = await channelOf();
    const child = run(channel, "printf 'a\\000b\\n'; head -c 3000000 /dev/zero | tr '\\000' z; printf end");
    const text = await textOf(channel);
    expect(text.length).toBe(4 + 3_000_000 + 3);
    expect([text.slice(0, 5), text.slice(-4)]).toEqual(["a\0b\nz", "zend"]);
    expect(child.exitCode ?? (await once(child, "exit"))[0]).toBe(0);
  });

  it("is empty for a program that writes nothing", async () => {
    const channel = await channelOf();
    run(channel, "exit 3");
    expect(await textOf(channel)).toBe("");
  });

  it("ends where a program was killed: whether that was its end, its exit tells", async () => {
    const channel = await channelOf();
    const child = run(channel, "printf half; kill -9 $$; printf more");
    const exit = once(child, "exit");
    expect(await textOf(channel)).toBe("half");
    expect(await exit).toEqual([null, "SIGKILL"]);
  });

  it("lends one buffer, and holds the program up until the next is asked for", async () => {
    const channel = await channelOf();
    const child = run(channel, "head -c 2000000 /dev/zero; printf x");
    const buffers = new Set<ArrayBufferLike>();
    for await (const bytes of channel.body) {
      // The kernel keeps a few hundred kilobytes of what nobody reads: of two megabytes most is still to be written.
      if (buffers.size === 0) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        expect(child.exitCode).toBeNull();
      }
      buffers.add(bytes.buffer);
      expect(bytes.length).toBeLessThanOrEqual(256 * 1024);
    }
    expect(buffers.size).toBe(1);
  });

  it("breaks the pipe of a program whose reader leaves early", async () => {
    const channel = await channelOf();
    const child = run(channel, "exec cat /dev/zero");
    const exit = once(child, "exit");
    for await (const _ of channel.body) break;
    expect(await exit).toEqual([null, "SIGPIPE"]);
  });

  it("that is closed wakes its reader with an error, and may be closed again", async () => {
    const channel = await channelOf();
    run(channel, "exec sleep 60");
    const reading = textOf(channel);
    channel.close();
    await expect(reading).rejects.toThrow("closed");
    channel.close();
  });

  it("lets go of both ends when no program was started", async () => {
    const channel = await channelOf();
    channel.close();
    await expect(textOf(channel)).rejects.toThrow("closed");
    expect(channel.childEnd.destroyed).toBe(true);
  });

  it("takes nothing from strangers, and lets none of them stay", async () => {
    const strangers: Socket[] = [];
    const opening = Promise.all(Array.from({ length: 20 }, channelOf));
    // Its name is known to everybody from the moment that it listens.
    for (const name of names()) {
      for (const said of ["", "short", "x".repeat(32), "y".repeat(1000)]) {
        const stranger = connect(`\0${name}`);
        stranger.on("error", () => {}).on("connect", () => stranger.write(said));
        strangers.push(stranger.resume());
      }
    }
    expect(strangers.length).toBeGreaterThan(0);
    const gone = strangers.map((stranger) => once(stranger, "close"));
    for (const channel of await opening) {
      run(channel, "printf own");
      expect(await textOf(channel)).toBe("own");
    }
    await Promise.all(gone);
    expect(names()).toEqual([]);
  });
});

it("is not to be had elsewhere: a pipe must do", async () => {
  expect(await openChannel("darwin")).toBeUndefined();
});
