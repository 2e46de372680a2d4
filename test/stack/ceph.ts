import { randomUUID } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { binary } from "./binaries.ts";
import { mustRun } from "./commands.ts";
import { freePort } from "./ports.ts";
import { type Server, startServer } from "./processes.ts";
import type { Scratch } from "./scratch.ts";
import { answers } from "./until.ts";

/** A real S3: a Ceph object gateway over one storage daemon that keeps everything in memory. */
export interface Ceph {
  /** `http://127.0.0.1:port`. */
  readonly endpoint: string;
  /** What the AWS credential chain reads. */
  readonly env: Readonly<Record<string, string>>;
  readonly gateway: Server;
}

const KEY = "seakeep-test";
/** Real in Ceph only once a placement names them. */
const CLASSES = ["STANDARD_IA", "GLACIER_IR"];

/** Starts monitor, storage daemon and gateway, with one user. About 15 seconds. */
export async function startCeph(scratch: Scratch): Promise<Ceph> {
  const folder = join(scratch.folder, "ceph");
  for (const part of ["", "mon", "osd"]) await mkdir(join(folder, part), { mode: 0o700 });
  const ports = { mon: await freePort(), monV1: await freePort(), gateway: await freePort() };
  const config = join(folder, "ceph.conf");
  const cluster = randomUUID();
  await writeFile(config, configuration(folder, cluster, ports), { mode: 0o600 });
  const run = (program: string, ...args: readonly string[]) =>
    mustRun(scratch, { command: binary(program), args: ["-c", config, ...args], cwd: folder });
  await makeKeys(scratch, folder);
  const monmap = join(folder, "monmap");
  const address = `[v2:127.0.0.1:${ports.mon},v1:127.0.0.1:${ports.monV1}]`;
  const map = ["--create", "--addv", "a", address, "--fsid", cluster, monmap];
  await mustRun(scratch, { command: binary("monmaptool"), args: map });
  const keyring = join(folder, "keyring");
  await run("ceph-mon", "--mkfs", "-i", "a", "--monmap", monmap, "--keyring", keyring);
  const ceph = (...args: readonly string[]) => run("ceph", "--connect-timeout", "10", ...args);
  await startServer(scratch, {
    name: "ceph-mon",
    command: binary("ceph-mon"),
    args: () => ["-c", config, "-i", "a", "-f"],
    port: ports.mon,
    ready: () => ceph("quorum_status").then(() => true),
    readyWithin: 60_000,
  });
  const disk = randomUUID();
  await ceph("osd", "new", disk);
  await ceph("auth", "import", "-i", keyring);
  await run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", disk);
  await startServer(scratch, {
    name: "ceph-osd",
    command: binary("ceph-osd"),
    args: () => ["-c", config, "-i", "0", "-f"],
    port: ports.mon,
    ready: async () => (await ceph("osd", "stat")).includes("1 up"),
    readyWithin: 60_000,
  });
  await ceph("osd", "crush", "add", "osd.0", "1.0", "root=default", "host=localhost");
  const admin = (...args: readonly string[]) => run("radosgw-admin", "-n", "client.admin", ...args);
  // The first call makes the gateway's pools, which takes a while to settle.
  const user = ["--uid=t", "--display-name=t", `--access-key=${KEY}`, `--secret-key=${KEY}`];
  await admin("user", "create", ...user);
  for (const name of CLASSES) {
    const placement = ["--placement-id", "default-placement", "--storage-class", name];
    await admin("zonegroup", "placement", "add", "--rgw-zonegroup", "default", ...placement);
    const pool = ["--data-pool", `default.rgw.${name}.data`];
    await admin("zone", "placement", "add", "--rgw-zone", "default", ...placement, ...pool);
  }
  const endpoint = `http://127.0.0.1:${ports.gateway}`;
  const gateway = await startServer(scratch, {
    name: "radosgw",
    command: binary("radosgw"),
    args: () => ["-c", config, "-n", "client.admin", "-f"],
    port: ports.gateway,
    ready: () => answers(endpoint),
    readyWithin: 90_000,
    // It takes its time to say goodbye, and has nothing to save.
    reapSignal: "SIGKILL",
  });
  const env = { AWS_ACCESS_KEY_ID: KEY, AWS_SECRET_ACCESS_KEY: KEY, AWS_REGION: "us-east-1" };
  return { endpoint, env, gateway };
}

async function makeKeys(scratch: Scratch, folder: string): Promise<void> {
  const keyring = join(folder, "keyring");
  const key = (...args: readonly string[]) =>
    mustRun(scratch, { command: binary("ceph-authtool"), args: [...args] });
  await key("-C", keyring, "-g", "-n", "mon.", "--cap", "mon", "allow *");
  const everything = ["mon", "osd", "mgr"].flatMap((part) => ["--cap", part, "allow *"]);
  await key(keyring, "-g", "-n", "client.admin", ...everything);
  await key(keyring, "-g", "-n", "osd.0", "--cap", "mon", "allow profile osd", "--cap", "osd", "allow *");
}

function configuration(
  folder: string,
  cluster: string,
  ports: { readonly mon: number; readonly monV1: number; readonly gateway: number },
): string {
  return `[global]
fsid = ${cluster}
mon host = [v2:127.0.0.1:${ports.mon},v1:127.0.0.1:${ports.monV1}]
mon initial members = a
public addr = 127.0.0.1
keyring = ${folder}/keyring
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 1000
mon osd max creating pgs = 4096
run dir = ${folder}
admin socket = ${folder}/$name.$pid.asok
log file = ${folder}/$name.log
crash dir = ${folder}
[mon]
mon data = ${folder}/mon
mon data avail crit = 1
[osd]
osd data = ${folder}/osd
osd objectstore = memstore
memstore device bytes = 4294967296
osd memory target = 939524096
osd class load list = *
osd class default list = *
[client.admin]
rgw frontends = beast endpoint=127.0.0.1:${ports.gateway}
rgw dns name = 127.0.0.1
rgw s3 auth use keystone = false
rgw relaxed s3 bucket names = true
rgw gc obj min wait = 0
`;
}
