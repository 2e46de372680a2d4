import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { constants, setPriority } from "node:os";
import { dirname, join } from "node:path";
import { mustRun } from "./commands.ts";
import { type Server, startServer } from "./processes.ts";
import type { Scratch } from "./scratch.ts";
import { answers } from "./until.ts";

/** What the courses API can be made to do wrong; see its own `faults.ts`. */
interface Faults {
  /** The share of requests that fail with a 500, 0 to 1. */
  readonly errors?: number;
  /** Milliseconds that each request waits. */
  readonly slowMs?: number;
}

/** The courses API as a process of its own, migrated and seeded, with its fault route open to this machine. */
export interface CoursesApi {
  readonly url: string;
  /** Milliseconds from its first start until it was ready, its database migrated and seeded before that. */
  readonly readyAfter: number;
  /** Paths that a reader of the catalogue would ask for: the list, some of its courses, the schema. */
  paths(): Promise<string[]>;
  /** Replaces the faults; `{}` heals. */
  setFaults(faults: Faults): Promise<void>;
  /** Kills the process, as the kernel would when memory runs out. */
  crash(): Promise<void>;
  /** Starts it again after a crash, on the same port and without faults. */
  restart(): Promise<void>;
}

/** How the courses API is started. */
export interface CoursesApiOptions {
  readonly databaseUrl: string;
  readonly metricsToken: string;
  readonly port: number;
}

const require = createRequire(import.meta.url);
const dist = dirname(require.resolve("courses-api"));

/** Migrates and seeds the database and starts the courses API on it. Ready once `/healthz` says so. */
export async function startCoursesApi(scratch: Scratch, options: CoursesApiOptions): Promise<CoursesApi> {
  const env = {
    DATABASE_URL: options.databaseUrl,
    JWT_SECRET: randomBytes(32).toString("base64url"),
    UPLOAD_DIR: join(scratch.folder, "uploads"),
    MAIL_DIR: join(scratch.folder, "mail"),
    METRICS_ENABLED: "true",
    METRICS_TOKEN: options.metricsToken,
    RELEASE: "scratch",
    FAULTS: "1",
    // All traffic comes from one address here; it is not what the limit is for.
    RATE_LIMIT: "1000000",
  };
  for (const step of ["migrate.js", "seed.js"]) {
    await mustRun(scratch, { command: process.execPath, args: [join(dist, step)], env });
  }
  const start = async () => {
    const started = await startServer(scratch, {
      name: "courses-api",
      command: process.execPath,
      args: () => [join(dist, "server.js")],
      env: (port) => ({ ...env, PORT: String(port) }),
      port: options.port,
      ready: (port) => answers(`http://127.0.0.1:${port}/healthz`),
    });
    goFirst(started.pid);
    return started;
  };
  let server: Server = await start();
  const url = `http://127.0.0.1:${server.port}`;
  return {
    url,
    readyAfter: server.readyAfter,
    async paths() {
      const list = "/api/v1/courses/";
      const response = await fetch(new URL(list, url));
      const { items } = (await response.json()) as { items: { id: string }[] };
      return [list, ...items.slice(0, 5).map(({ id }) => `${list}${id}/`), "/api/schema/"];
    },
    async setFaults(faults) {
      const response = await fetch(`${url}/__faults/`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(faults),
      });
      if (!response.ok) throw new Error(`setting faults: ${response.status} ${await response.text()}`);
    },
    crash: () => server.kill(),
    async restart() {
      server = await start();
    },
  };
}

/** Where this process may, the service goes first: a busy machine must not make a quiet service look saturated. */
function goFirst(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_HIGH);
  } catch {
    // Only root may raise a priority.
  }
}
