import { readFile } from "node:fs/promises";
import { readCatalog } from "../backup/catalog.ts";
import { readChain } from "../backup/drill/chain.ts";
import { serviceFolder } from "../backup/layout.ts";
import type { Store } from "../backup/stores/store.ts";
import { defaultChecks } from "../checks/defaults.ts";
import { type CheckEdges, runChecks } from "../checks/run.ts";
import type { Ops } from "../config/ops.ts";
import { readSecret, type Secret } from "../config/values.ts";
import { compare } from "../generate/folder.ts";
import { generateFiles } from "../generate/index.ts";
import { timing } from "../generate/timing.ts";
import { parseConnection } from "../postgres/connection.ts";
import { readIdentity } from "../postgres/identity.ts";
import { type Session, withSession } from "../postgres/session.ts";
import type { Environment } from "../print.ts";
import { openSignals } from "../signals/open.ts";
import type { Signals } from "../signals/signals.ts";
import type { Facts } from "./gates/facts.ts";
import { readTree } from "./gates/git.ts";
import { readAlerts, readBudgets } from "./gates/measured.ts";
import { readMigrations } from "./gates/migrations/pending.ts";

/** Where facts are gathered. */
export interface Surroundings {
  readonly ops: Ops;
  /** Absolute path of the folder of `seakeep.config.ts`. */
  readonly folder: string;
  /** Absolute path of the folder of generated files. */
  readonly generated: string;
  readonly environment: Environment;
  /** Time that each check has, milliseconds. */
  readonly checkTimeout: number;
  readonly edges: CheckEdges;
}

/** Facts, and what has to be closed after them. */
export interface GatheredFacts extends Facts {
  close(): Promise<void>;
}

/** Looks at the world when a gate asks: each source is opened once, and nothing is written anywhere. */
export function gatherFacts(around: Surroundings): GatheredFacts {
  const { ops, folder, environment } = around;
  const closing: (() => Promise<void>)[] = [];
  const store = once(async (): Promise<Store | undefined> => {
    const opened = await ops.backup?.store.open();
    if (opened !== undefined) closing.push(() => opened.close());
    return opened;
  });
  const signals = once(async (): Promise<Signals | undefined> => {
    if (ops.signals === undefined) return undefined;
    const opened = await openSignals(ops, environment);
    closing.push(() => opened.close());
    return opened;
  });
  const own = serviceFolder(ops.service.name);
  return {
    backups: once(async (signal) => {
      const opened = await store(signal);
      if (opened === undefined) return undefined;
      const { backups } = await readCatalog(opened, own, signal);
      return { backups, now: await opened.now() };
    }),
    drills: once(async (signal) => {
      const opened = await store(signal);
      return opened && (await readChain(opened, own, signal));
    }),
    database: once(async (signal) => await withDatabase(around, signal, readIdentity)),
    alerts: async (signal) => {
      const opened = await signals(signal);
      return opened && (await readAlerts(opened, ops, around.edges.date(), signal));
    },
    budgets: async (signal) => {
      const opened = await signals(signal);
      return opened && (await readBudgets(opened, ops, around.edges.date(), signal));
    },
    migrations: async (signal) => await readMigrations(around, (ask) => withDatabase(around, signal, ask)),
    generated: async () => await compare(around.generated, generateFiles(ops, timing(ops))),
    has: async (secret) => (await secretValue(secret, environment)) !== undefined,
    tree: async (version, signal) => await readTree(folder, version, environment, signal),
    checks: async (signal) => {
      const url = new URL(ops.url);
      return await runChecks(
        ops.checks ?? defaultChecks(url),
        { url, service: ops.service, metrics: ops.metrics },
        { timeoutMs: around.checkTimeout, attempts: 2, pauseMs: 1000, concurrency: 4, signal },
        around.edges,
      );
    },
    async close() {
      await Promise.all(closing.map((close) => close()));
    },
  };
}

/** One answer for all who ask, good or bad. */
function once<T>(ask: (signal: AbortSignal) => Promise<T>): (signal: AbortSignal) => Promise<T> {
  let answer: Promise<T> | undefined;
  return (signal) => {
    answer ??= ask(signal);
    return answer;
  };
}

function secretValue(secret: Secret, environment: Environment): Promise<string | undefined> {
  return readSecret(secret, environment, (path) => readFile(path, "utf8"));
}

async function withDatabase<T>(
  { ops, environment }: Surroundings,
  signal: AbortSignal,
  ask: (session: Session) => Promise<T>,
): Promise<T | undefined> {
  const url = ops.database && (await secretValue(ops.database, environment));
  if (url === undefined) return undefined;
  return withSession(parseConnection(url, environment), signal, async (session) => {
    await session.query("set default_transaction_read_only = on");
    return ask(session);
  });
}
