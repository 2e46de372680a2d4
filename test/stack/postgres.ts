import { randomBytes } from "node:crypto";
import { chown, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { binary } from "./binaries.ts";
import { mustRun } from "./commands.ts";
import { type Server, startServer } from "./processes.ts";
import { openScratch, type Scratch } from "./scratch.ts";

/** A Postgres of our own on a free loopback port, empty, with durability off: fast and not for keeping. */
export interface Postgres extends Server {
  /** Connects as the superuser to the database `postgres`; holds the random password. */
  readonly url: string;
  /** Creates an empty database and returns the URL that connects to it. */
  createDatabase(name: string): Promise<string>;
}

/**
 * Starts a scratch Postgres, with the newest server that is installed.
 *
 * Without a scratch it makes its own, which goes away with `stop`. Run as root it changes to an unprivileged user,
 * because Postgres refuses root.
 *
 * @example
 * const postgres = await startPostgres();
 * const url = await postgres.createDatabase("courses");
 * await postgres.stop();
 */
export async function startPostgres(scratch?: Scratch): Promise<Postgres> {
  if (scratch === undefined) {
    const own = await openScratch();
    try {
      const postgres = await startPostgres(own);
      return { ...postgres, stop: () => own.close() };
    } catch (error) {
      await own.close();
      throw error;
    }
  }
  const password = randomBytes(18).toString("base64url");
  const as = await unprivilegedUser(scratch);
  const data = await initialize(scratch, password, as);
  const urlOf = (port: number, database: string) =>
    `postgres://postgres:${password}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
  const server = await startServer(scratch, {
    name: "postgres",
    command: binary("postgres"),
    args: (port) => ["-D", data, ...settings(port).flatMap(([key, value]) => ["-c", `${key}=${value}`])],
    cwd: data,
    ...(as && { as }),
    ready: (port) => query(urlOf(port, "postgres"), "select 1", 1_000).then(() => true),
    // Fast shutdown ends open sessions; the default one would wait for them.
    stopSignal: "SIGINT",
    // Immediate shutdown: its sessions are process groups of their own, which only the postmaster can end.
    reapSignal: "SIGQUIT",
  });
  return {
    ...server,
    url: urlOf(server.port, "postgres"),
    async createDatabase(name) {
      await query(urlOf(server.port, "postgres"), `create database ${pg.escapeIdentifier(name)}`);
      return urlOf(server.port, name);
    },
  };
}

function settings(port: number): [string, string | number][] {
  return [
    ["listen_addresses", "127.0.0.1"],
    ["port", port],
    ["unix_socket_directories", ""],
    ["fsync", "off"],
    ["synchronous_commit", "off"],
    ["full_page_writes", "off"],
    // Shared memory as files of the data folder, so that not even a crash leaves any behind elsewhere.
    ["dynamic_shared_memory_type", "mmap"],
  ];
}

async function initialize(
  scratch: Scratch,
  password: string,
  as: { uid: number; gid: number } | undefined,
): Promise<string> {
  const home = join(scratch.folder, "postgres");
  const data = join(home, "data");
  const passwordFile = join(home, "password");
  await mkdir(home, { mode: 0o700 });
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (as) for (const path of [home, passwordFile]) await chown(path, as.uid, as.gid);
  const command = binary("initdb");
  const where = ["-D", data, "--no-sync"];
  const what = [
    "-U",
    "postgres",
    "-A",
    "scram-sha-256",
    `--pwfile=${passwordFile}`,
    "-E",
    "UTF8",
    "--locale=C",
  ];
  await mustRun(scratch, { command, args: [...where, ...what], cwd: home, ...(as && { as }) });
  await rm(passwordFile);
  return data;
}

async function unprivilegedUser(scratch: Scratch): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const user of ["postgres", "nobody"]) {
    try {
      const id = async (flag: string) =>
        Number(await mustRun(scratch, { command: "id", args: [flag, user] }));
      return { uid: await id("-u"), gid: await id("-g") };
    } catch {
      // No such user: try the next.
    }
  }
  throw new Error("Postgres refuses to run as root, and there is neither a user postgres nor nobody");
}

async function query(url: string, sql: string, patience = 30_000): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: patience });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
