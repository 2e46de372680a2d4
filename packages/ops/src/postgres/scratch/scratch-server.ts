import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chown, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { SeakeepError } from "@seakeep/contract";
import type { Connection } from "../connection.ts";
import { openSession } from "../session.ts";
import { launch, type Running, type User } from "./launch.ts";
import type { ServerPrograms } from "./server-programs.ts";
import type { WorkFolder } from "./work-folder.ts";

/** Milliseconds until a server that does not answer has failed. */
const READY_WITHIN = 60_000;
const POLL = 50;

/**
 * Starts an empty Postgres that nobody else can reach: it listens on a socket in a folder of its own, and asks for a
 * random password there too. Nothing of it is for keeping, so that it never waits for a disk. It ends with its folder.
 *
 * @throws {SeakeepError} `SK-DRILL-003` with the end of its log.
 */
export async function startScratchServer(
  { initdb, postgres }: ServerPrograms,
  folder: WorkFolder,
  signal: AbortSignal,
): Promise<Connection> {
  const user = await unprivileged();
  // Root can still read it, and nobody else.
  if (user) await chown(folder.path, user.uid, user.gid);
  const log = join(folder.path, "log");
  const connection: Connection = {
    ...{ host: folder.path, port: 5432, user: "postgres", database: "postgres" },
    password: constant(randomBytes(24).toString("base64url")),
    settings: {},
  };
  const started = { folder, log, user };
  await initialize(initdb, connection, started);
  signal.throwIfAborted();
  const server = launchPostgres(
    postgres,
    ["-D", join(folder.path, "data"), ...settings(folder.path)],
    started,
  );
  await untilReady(server, connection, log, signal);
  return connection;
}

function constant(password: string): () => string {
  return () => password;
}

function settings(folder: string): string[] {
  const set: Readonly<Record<string, string>> = {
    listen_addresses: "",
    unix_socket_directories: folder,
    unix_socket_permissions: "0700",
    port: "5432",
    fsync: "off",
    synchronous_commit: "off",
    full_page_writes: "off",
    wal_level: "minimal",
    max_wal_senders: "0",
    // Shared memory as files of the data folder, so that not even a crash leaves any behind elsewhere.
    dynamic_shared_memory_type: "mmap",
  };
  return Object.entries(set).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

interface Started {
  readonly folder: WorkFolder;
  readonly log: string;
  readonly user: User | undefined;
}

async function initialize(initdb: string, connection: Connection, started: Started): Promise<void> {
  const { folder, user, log } = started;
  const passwords = join(folder.path, "password");
  await writeFile(passwords, connection.password()!, { mode: 0o600, flag: "wx" });
  if (user) await chown(passwords, user.uid, user.gid);
  const run = launchPostgres(
    initdb,
    [
      ...["-D", join(folder.path, "data"), "--no-sync", "-U", connection.user],
      ...["-A", "scram-sha-256", `--pwfile=${passwords}`, "-E", "UTF8", "--locale=C"],
    ],
    started,
  );
  const how = await run.ended;
  if (run.child.pid !== undefined) folder.release(run.child.pid);
  if (how !== 0) throw await failure(`initdb ended with ${how}`, log);
  await rm(passwords);
}

/** SIGQUIT is immediate shutdown: its sessions are groups of their own, which only the postmaster can end. */
function launchPostgres(program: string, args: readonly string[], { folder, log, user }: Started): Running {
  const env = { PATH: process.env.PATH ?? "", LC_ALL: "C" };
  return launch(program, args, { folder, log, env, cwd: folder.path, user, signal: "SIGQUIT" });
}

async function untilReady(
  { child, ended }: Running,
  connection: Connection,
  log: string,
  signal: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + READY_WITHIN;
  for (;;) {
    signal.throwIfAborted();
    try {
      const session = await openSession(connection);
      return await session.close();
    } catch (error) {
      const gone = child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
      if (gone) throw await failure(`it ended with ${await ended}`, log);
      if (performance.now() > deadline) throw await failure((error as Error).message, log);
      await pause(POLL);
    }
  }
}

async function failure(how: string, log: string): Promise<SeakeepError> {
  const lines = (await readFile(log, "utf8").catch(() => "")).trim().split("\n").slice(-5).join("\n    ");
  return new SeakeepError("SK-DRILL-003", `The scratch server did not start: ${how}.\n    ${lines}`);
}

/**
 * Postgres refuses to run as root. `nobody` comes first: a dump can hold code, and the user `postgres` may own a
 * production server on this very machine.
 */
async function unprivileged(): Promise<User | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const id = async (flag: string, name: string) =>
    Number((await promisify(execFile)("id", [flag, name])).stdout);
  for (const name of ["nobody", "postgres"]) {
    try {
      return { uid: await id("-u", name), gid: await id("-g", name) };
    } catch {
      // No such user: try the next.
    }
  }
  throw new SeakeepError("SK-DRILL-003", "There is neither a user nobody nor a user postgres to run as.");
}
