import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createJiti } from "jiti";
import { type Recorded, record } from "../recorder.ts";

/** One statement on its way to the server, as Knex hands it to its client. */
interface Query {
  readonly sql: string;
  readonly bindings?: readonly unknown[];
  readonly method?: string;
  /** What makes an answer of the rows: whoever set it wants to know something. */
  readonly output?: unknown;
  response?: unknown;
}

/** The parts of Knex that are used. */
interface KnexInstance {
  transaction(run: (transaction: KnexInstance) => Promise<unknown>): Promise<unknown>;
}
interface KnexClient {
  new (...args: unknown[]): Escaping;
}
interface Escaping {
  _escapeBinding(value: unknown, context: Readonly<Record<string, never>>): string;
}
interface KnexMigration {
  readonly config?: { readonly transaction?: boolean };
  readonly up?: (knex: KnexInstance) => Promise<unknown>;
  readonly down?: (knex: KnexInstance) => Promise<unknown>;
}

async function sqlOf(
  direction: (knex: KnexInstance) => Promise<unknown>,
  { knex, sent, transaction }: { knex: KnexInstance; sent: string[]; transaction: boolean },
): Promise<string> {
  sent.length = 0;
  if (transaction) await knex.transaction(async (inner) => await direction(inner));
  else await direction(knex);
  // Whoever applies it begins and ends the transaction.
  const statements = transaction ? sent.slice(1, -1) : sent;
  return statements.map((statement) => statement.replace(/;?\s*$/, ";")).join("\n");
}

/** A select that names a table wants rows, and there are none to give. */
const READS = /^\s*(select|with)\b[\s\S]*\bfrom\b/i;
const ANSWERS = new Set(["select", "first", "pluck", "columnInfo"]);

function withLiterals(client: Escaping, { sql, bindings = [] }: Query): string {
  const left = [...bindings];
  return sql.replaceAll(/\\?\?/g, (mark) => {
    if (mark !== "?") return "?";
    return left.length === 0 ? mark : client._escapeBinding(left.shift(), {});
  });
}

function recordingClient(Postgres: KnexClient, sent: string[]): unknown {
  return class extends Postgres {
    // Bindings stay question marks, so that they can be written into the text as literals.
    positionBindings(sql: string): string {
      return sql;
    }
    _driver(): object {
      return {};
    }
    async acquireRawConnection(): Promise<object> {
      return {};
    }
    async destroyRawConnection(): Promise<void> {}
    validateConnection(): boolean {
      return true;
    }
    async _query(_connection: unknown, query: Query): Promise<Query> {
      const asks = query.output !== undefined || ANSWERS.has(query.method ?? "") || READS.test(query.sql);
      if (asks) throw new Error(`it asks the database: ${query.sql.slice(0, 200)}`);
      sent.push(withLiterals(this, query));
      query.response = { rows: [], rowCount: 0, fields: [], command: "" };
      return query;
    }
  };
}

await record("knex", async ({ folder, names, tool }) => {
  const require = createRequire(tool);
  const sent: string[] = [];
  const connect = require(tool) as (config: object) => KnexInstance;
  const client = recordingClient(
    require(join(dirname(tool), "lib/dialects/postgres/index.js")) as KnexClient,
    sent,
  );
  const knex = connect({ client, pool: { min: 0, max: 1 }, connection: {} });
  const jiti = createJiti(join(folder, "index.js"), { interopDefault: true });
  const rendered: Recorded[] = [];
  for (const name of names) {
    const migration = await jiti.import<KnexMigration>(join(folder, name));
    const { up, down, config } = migration;
    if (typeof up !== "function") throw new Error(`${name} exports no function up`);
    const transaction = config?.transaction !== false;
    const render = async (direction: NonNullable<KnexMigration["up"]>) => {
      try {
        return await sqlOf(direction, { knex, sent, transaction });
      } catch (error) {
        throw new Error(`${name}: ${error instanceof Error ? error.message : error}`);
      }
    };
    const way = await render(up);
    rendered.push({
      name,
      up: way,
      ...(typeof down === "function" ? { down: await render(down) } : {}),
      transaction,
    });
  }
  return rendered;
});
