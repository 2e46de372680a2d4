import { resolve } from "node:path";
import type { MigrationsDeclaration } from "../../declaration.ts";
import type { Migration } from "../../migration.ts";
import { hasSeveralStatements } from "../../sql/statements.ts";
import { byName, listFolder, malformed, readTexts, refuseTwins, stem } from "../folder.ts";
import { forgetVersion, rememberVersion } from "./change.ts";
import { FLAVOURS, type SqlFileMigration, splitFlavoured } from "./flavour.ts";
import { type RecordKind, readRecord } from "./record.ts";

export type { RecordKind, SqlRecord } from "./record.ts";

export interface SqlFilesOptions {
  /**
   * Where it is recorded what was applied. Default: as the files tell: dbmate's or goose's by their comments,
   * golang-migrate's by names that end in `.up.sql`, else none.
   */
  readonly record?: RecordKind;
  /** Whether a file that does not say runs in one transaction; default: true when it holds several statements. */
  readonly transaction?: boolean;
}

/**
 * A folder of SQL files, `001_users.sql` and so on, in the order of the numbers that they begin with. The way back is
 * `001_users.down.sql`, or stands in the same file as dbmate (`-- migrate:down`) and goose (`-- +goose Down`) write it.
 *
 * @param folder absolute, or below the folder of the configuration
 * @example
 * migrations: sqlFiles("migrations", { record: { table: "schema_version", column: "name" } })
 */
export function sqlFiles(folder: string, options: SqlFilesOptions = {}): MigrationsDeclaration {
  return {
    kind: "sql-files",
    folder,
    open(base) {
      const absolute = resolve(base, folder);
      const load = () => readFolder(absolute);
      return {
        kind: "sql-files",
        folder: absolute,
        async read() {
          const { migrations } = await load();
          return await Promise.all(migrations.map((migration) => settle(migration, options.transaction)));
        },
        async applied(session) {
          const { migrations, record } = await load();
          const kind = options.record ?? record;
          const names = async () => migrations.map(({ name }) => name);
          return kind === undefined ? undefined : await readRecord(session, kind, names);
        },
        async forget(session, name) {
          const kind = options.record ?? (await load()).record;
          if (kind !== undefined && kind !== "golang-migrate") await forgetVersion(session, kind, name);
        },
        async remember(session, name) {
          const kind = options.record ?? (await load()).record;
          if (kind !== undefined && kind !== "golang-migrate") await rememberVersion(session, kind, name);
        },
      };
    },
  };
}

interface Named extends SqlFileMigration {
  readonly name: string;
}

async function settle(migration: Named, declared: boolean | undefined): Promise<Migration> {
  const transaction = migration.transaction ?? declared ?? (await hasSeveralStatements(migration.up.text));
  return { ...migration, transaction };
}

async function readFolder(folder: string): Promise<{ migrations: readonly Named[]; record?: RecordKind }> {
  const names = (await listFolder(folder)).flatMap((entry) =>
    !entry.folder && entry.name.endsWith(".sql") ? [entry.name] : [],
  );
  const texts = await readTexts(folder, names.sort(byName));
  const flavour = FLAVOURS.find(({ up }) => texts.some(({ text }) => up.test(text)));
  const migrations = flavour
    ? texts.map(({ name, file, text }): Named => {
        const split = splitFlavoured(flavour, file, text);
        if (split) return { name: stem(name), ...split };
        throw malformed(file, `has no way up as ${flavour.name} writes it, before its way down.`);
      })
    : pair(folder, texts);
  refuseTwins(
    folder,
    migrations.map(({ name }) => name),
  );
  const paired = names.some((name) => name.endsWith(".up.sql"));
  const record = flavour?.name ?? (paired ? "golang-migrate" : undefined);
  // dbmate sorts names as they are; the others count.
  const ordered = flavour?.name === "dbmate" ? migrations : migrations.toSorted(byNumber);
  return { migrations: ordered, ...(record && { record }) };
}

/** Files of their own for each direction. */
function pair(
  folder: string,
  texts: readonly { readonly name: string; readonly file: string; readonly text: string }[],
): readonly Named[] {
  const downs = new Map(
    texts.flatMap(({ name, file, text }) =>
      name.endsWith(".down.sql")
        ? [[name.slice(0, -".down.sql".length), { file, text, offset: 0 }] as const]
        : [],
    ),
  );
  const ups = texts
    .filter(({ name }) => !name.endsWith(".down.sql"))
    .map(({ name, file, text }): Named => {
      const bare = name.replace(/(\.up)?\.sql$/, "");
      const down = downs.get(bare);
      downs.delete(bare);
      return { name: bare, up: { file, text, offset: 0 }, ...(down && { down }) };
    });
  const [[orphan] = []] = downs;
  if (orphan !== undefined)
    throw malformed(`${folder}/${orphan}.down.sql`, "has no migration that it takes back.");
  return ups;
}

/** By the number that a name begins with, whatever its zeros; names without one come last, as they sort. */
function byNumber({ name: a }: Named, { name: b }: Named): number {
  const [x, y] = [a, b].map((name) => /^\d+/.exec(name)?.[0]);
  if (x === undefined || y === undefined)
    return Number(x === undefined) - Number(y === undefined) || byName(a, b);
  const [m, n] = [BigInt(x), BigInt(y)];
  return m < n ? -1 : m > n ? 1 : byName(a, b);
}
