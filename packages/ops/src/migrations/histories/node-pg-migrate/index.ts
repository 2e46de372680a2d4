import { extname, join, resolve } from "node:path";
import type { Session } from "../../../postgres/session.ts";
import type { MigrationsDeclaration } from "../../declaration.ts";
import type { Migration } from "../../migration.ts";
import { listFolder, malformed, readText, refuseTwins, stem } from "../folder.ts";
import { renderWith } from "../program.ts";
import { findRecord } from "../record.ts";
import { compareFiles, prefixOf } from "./order.ts";
import { splitDirections } from "./sql.ts";

export interface NodePgMigrateOptions {
  /** Its `migrationsTable`; default `"pgmigrations"`. */
  readonly table?: string;
  /** Its `migrationsSchema`; default: where the table is. */
  readonly schema?: string;
}

const PROGRAMS = new Set([".js", ".cjs", ".mjs", ".ts", ".cts", ".mts"]);

/**
 * The history of node-pg-migrate. SQL files are read; files in JavaScript or TypeScript are run by the project's own
 * node-pg-migrate against a client that records what it is sent, within 30 seconds and without a database.
 *
 * @param folder absolute, or below the folder of the configuration
 * @example
 * migrations: nodePgMigrate("migrations")
 */
export function nodePgMigrate(folder: string, options: NodePgMigrateOptions = {}): MigrationsDeclaration {
  const { table = "pgmigrations", schema } = options;
  return {
    kind: "node-pg-migrate",
    folder,
    open(base) {
      const absolute = resolve(base, folder);
      const find = (session: Session) =>
        findRecord(session, { name: table, schema, columns: ["id", "name", "run_on"] });
      return {
        kind: "node-pg-migrate",
        folder: absolute,
        read: () => read(absolute),
        async applied(session) {
          const record = await find(session);
          if (record === undefined) return undefined;
          const rows = await session.query<{ name: string }>(
            `select name from ${record} order by run_on, id`,
          );
          return rows.map(({ name }) => name);
        },
        async forget(session, name) {
          const record = await find(session);
          if (record !== undefined) await session.query(`delete from ${record} where name = $1`, [name]);
        },
        async remember(session, name) {
          const record = await find(session);
          if (record === undefined) return;
          await session.query(`insert into ${record} (name, run_on) values ($1, now())`, [name]);
        },
      };
    },
  };
}

async function read(folder: string): Promise<readonly Migration[]> {
  const entries = await listFolder(folder);
  const names = entries.filter((entry) => !entry.folder).map(({ name }) => name);
  for (const name of names) refuseForeign(join(folder, name));
  names.sort(compareFiles);
  refuseTwins(folder, names.map(stem));
  const programs = names.filter((name) => PROGRAMS.has(extname(name)));
  const rendered =
    programs.length === 0 ? [] : await renderWith("node-pg-migrate", { folder, names: programs.map(stem) });
  return await Promise.all(
    names.map(async (name): Promise<Migration> => {
      const file = join(folder, name);
      const made = rendered.find((migration) => migration.name === stem(name));
      if (made === undefined) {
        return { name: stem(name), ...splitDirections(file, await readText(file)), transaction: true };
      }
      const { up, down, transaction } = made;
      return {
        name: made.name,
        up: { file, text: up },
        ...(down === undefined ? {} : { down: { file, text: down } }),
        transaction,
      };
    }),
  );
}

/** What node-pg-migrate itself would refuse. */
function refuseForeign(file: string): void {
  const name = file.slice(file.lastIndexOf("/") + 1);
  if (prefixOf(name) === undefined) {
    throw malformed(file, "does not begin with a number, so node-pg-migrate refuses the folder.");
  }
  if (extname(name) !== ".sql" && !PROGRAMS.has(extname(name))) {
    throw malformed(file, "is neither SQL nor JavaScript nor TypeScript.");
  }
}
