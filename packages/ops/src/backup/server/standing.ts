import type { Connection } from "../../postgres/connection.ts";
import { openSession } from "../../postgres/session.ts";
import { serverFingerprint } from "./maintenance.ts";

/** What stands to be replaced. */
export interface Standing {
  readonly database: string;
  /** Of the server, to confirm with. */
  readonly fingerprint: string;
  /** Rows of all its tables, by the server's own statistics: an estimate. */
  readonly rows: number;
  /** The server's clock. */
  readonly now: Date;
}

/** Looks at a database without changing anything. */
export async function readStanding(connection: Connection): Promise<Standing> {
  const session = await openSession(connection);
  try {
    const [row] = await session.query<{ rows: string; now: Date }>(
      "select coalesce(sum(n_live_tup), 0)::text as rows, now() as now from pg_stat_user_tables",
    );
    return {
      database: connection.database,
      fingerprint: await serverFingerprint(session),
      rows: Number(row!.rows),
      now: row!.now,
    };
  } finally {
    await session.close();
  }
}
