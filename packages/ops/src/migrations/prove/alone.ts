import { setTimeout as pause } from "node:timers/promises";
import type { Connection } from "../../postgres/connection.ts";
import { quoteIdentifier } from "../../postgres/quote.ts";
import { openSession, type Session } from "../../postgres/session.ts";
import { type LockMode, lockMode } from "./lock-mode.ts";
import type { Relation } from "./relations.ts";

/** What was seen of a statement that commits as it goes. */
export interface Observed {
  /** Every mode that it held or waited for, with the OID of the relation. */
  readonly locks: readonly (readonly [oid: string, mode: LockMode])[];
  /** It waited for transactions under way to end. */
  readonly waits: boolean;
}

/**
 * Runs a statement that cannot run within a transaction, and sees its locks although it lets go of them.
 *
 * Reading pg_locks now and then would miss the short ones. So somebody stands in its way: a holder has locks on
 * every table, the statement has to wait for what conflicts, and what it waits for can be read. Then the holder steps
 * aside, from the stronger lock to the weaker one to nothing.
 */
export async function observe(
  session: Session,
  connection: Connection,
  relations: Iterable<Relation>,
  run: () => Promise<unknown>,
): Promise<Observed> {
  const tables = [...relations].filter(({ kind }) => kind === "table");
  const pid = await processId(session);
  const watcher = await openSession(connection);
  const locks = new Map<string, readonly [string, LockMode]>();
  let holder: Holder | undefined;
  let waits = false;
  let over = false;
  try {
    holder = await openHolder(connection, tables, ["ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE"]);
    const running = run().finally(() => {
      over = true;
    });
    // Handled below, once the watch has ended.
    running.catch(() => {});
    for (let delay = 0; !over; delay = Math.min(delay + 1, LONGEST_PAUSE)) {
      for (const { relation, type, mode: name, granted } of await locksOf(watcher, pid)) {
        const mode = lockMode(name);
        if (type === "relation" && mode) locks.set(`${relation} ${mode}`, [relation, mode]);
        if (granted || holder === undefined) continue;
        delay = 0;
        if (type === "relation") {
          if (!(await holder.yield())) holder = undefined;
        } else {
          // It waits for whoever began before it. Who begins now is not waited for, and can be in the way of what follows.
          waits = true;
          const next = await openHolder(connection, tables, []);
          await holder.close();
          holder = next;
        }
        break;
      }
      await pause(delay);
    }
    await running;
    return { locks: [...locks.values()], waits };
  } finally {
    await holder?.close();
    await watcher.close();
  }
}

/** Milliseconds between two looks at a statement that takes its time. */
const LONGEST_PAUSE = 20;

interface Holder {
  /** Lets go of the strongest locks it has. False: it has none left. */
  yield(): Promise<boolean>;
  close(): Promise<void>;
}

/** Reads every table, so that it has ACCESS SHARE on them and their indexes, and takes the given modes on top. */
async function openHolder(
  connection: Connection,
  tables: readonly Relation[],
  modes: readonly LockMode[],
): Promise<Holder> {
  const session = await openSession(connection);
  const names = tables.map(({ schema, name }) => `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`);
  await session.query(["begin", ...names.map((name) => `select from ${name} limit 0`)].join(";"));
  for (const mode of names.length > 0 ? modes : []) {
    await session.query(`savepoint "${mode}"; lock table ${names.join(", ")} in ${mode} mode`);
  }
  const left = names.length > 0 ? [...modes] : [];
  return {
    async yield() {
      const mode = left.pop();
      await session.query(mode === undefined ? "rollback" : `rollback to savepoint "${mode}"`);
      return mode !== undefined;
    },
    close: () => session.close(),
  };
}

async function processId(session: Session): Promise<number> {
  const [row] = await session.query<{ pid: number }>("select pg_catalog.pg_backend_pid() as pid");
  return row!.pid;
}

interface LockRow {
  readonly type: string;
  readonly relation: string;
  readonly mode: string;
  readonly granted: boolean;
}

/** Those that it waits for come last. */
async function locksOf(watcher: Session, pid: number): Promise<LockRow[]> {
  return await watcher.query<LockRow>(
    `select locktype as type, relation::oid::text as relation, mode, granted from pg_locks
     where pid = $1 and (locktype = 'relation' or not granted) order by granted desc`,
    [pid],
  );
}
