import { join, resolve } from "node:path";
import * as v from "valibot";
import type { MigrationsDeclaration } from "../../declaration.ts";
import type { Migration } from "../../migration.ts";
import { malformed, readText, readTexts } from "../folder.ts";
import { findRecord } from "../record.ts";

export interface DrizzleOptions {
  /** Its `migrationsTable`; default `"__drizzle_migrations"`. */
  readonly table?: string;
  /** Its `migrationsSchema`; default `"drizzle"`. */
  readonly schema?: string;
}

/**
 * The history of Drizzle: SQL files in the order of `meta/_journal.json`, all that are pending in one transaction.
 * Drizzle has no down migrations.
 *
 * @param folder absolute, or below the folder of the configuration
 * @example
 * migrations: drizzle("drizzle")
 */
export function drizzle(folder: string, options: DrizzleOptions = {}): MigrationsDeclaration {
  const { table = "__drizzle_migrations", schema = "drizzle" } = options;
  return {
    kind: "drizzle",
    folder,
    open(base) {
      const absolute = resolve(base, folder);
      return {
        kind: "drizzle",
        folder: absolute,
        read: () => read(absolute),
        async applied(session) {
          const record = await findRecord(session, { name: table, schema, columns: ["id", "created_at"] });
          if (record === undefined) return undefined;
          const rows = await session.query<{ when: string }>(
            `select created_at::text as when from ${record} order by created_at, id`,
          );
          // The record has the time of the journal's entry in place of its name.
          const entries = await readJournal(absolute);
          return rows.map(({ when }) => entries.find((entry) => String(entry.when) === when)?.tag ?? when);
        },
      };
    },
  };
}

const JOURNAL = v.object({
  dialect: v.string(),
  entries: v.array(v.object({ when: v.number(), tag: v.pipe(v.string(), v.regex(/^\w[\w.-]*$/)) })),
});

async function readJournal(folder: string): Promise<v.InferOutput<typeof JOURNAL>["entries"]> {
  const file = join(folder, "meta", "_journal.json");
  const text = await readText(file);
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), JOURNAL), text);
  if (!parsed.success) throw malformed(file, "is not a journal of drizzle-kit.");
  const { dialect, entries } = parsed.output;
  if (dialect !== "postgresql")
    throw malformed(file, `is of the dialect "${dialect}", and only Postgres is understood.`);
  return entries;
}

const BREAKPOINT = "--> statement-breakpoint";

async function read(folder: string): Promise<readonly Migration[]> {
  const entries = await readJournal(folder);
  const texts = await readTexts(
    folder,
    entries.map(({ tag }) => `${tag}.sql`),
  );
  return texts.map(({ file, text }, index) => ({
    name: entries[index]!.tag,
    // Drizzle cuts there, also where no semicolon stands; of equal length, so that every place stays what it is.
    up: { file, text: text.replaceAll(BREAKPOINT, ";".padEnd(BREAKPOINT.length)), offset: 0 },
    transaction: true,
  }));
}
