import { byName, type Relation, type RelationName } from "./relations.ts";

/** What happened to the files and rows of relations that were there before. */
export interface StorageChanges {
  /** Tables and materialized views written anew in whole. */
  readonly rewrites: readonly RelationName[];
  /** Emptied by giving them new files. */
  readonly truncations: readonly RelationName[];
  /** Read from end to end. */
  readonly scans: readonly RelationName[];
  /** Rows of tables, by the statement itself, by triggers, cascades and whatever else it set off. */
  readonly rows: readonly RowChanges[];
  /** Relations that are gone, but for indexes. */
  readonly dropped: readonly RelationName[];
  /** Columns that are gone from a table that is still there. */
  readonly droppedColumns: readonly { readonly table: RelationName; readonly column: string }[];
}

export interface RowChanges {
  readonly table: RelationName;
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
}

type Relations = ReadonlyMap<string, Relation>;

/** Bytes of a page, as every usual build has it. */
const PAGE = 8192;

/**
 * Compares two readings.
 *
 * @param known OIDs of what others could see when the transaction began
 * @param alone it ran without a transaction: such maintenance reads pages without beginning a scan
 */
export function storageChanges(
  before: Relations,
  after: Relations,
  known: ReadonlySet<string>,
  alone = false,
): StorageChanges {
  const pairs = [...before.values()]
    .filter(({ oid }) => known.has(oid))
    .sort(byName)
    .map((old) => ({ old, now: after.get(old.oid) }));
  const kept = pairs.flatMap(({ old, now }) => (now === undefined ? [] : [{ old, now }]));
  const stored = kept.filter(({ old }) => old.kind === "table" || old.kind === "materialized view");
  const anew = stored.filter(({ old, now }) => old.file !== now.file || old.tablespace !== now.tablespace);
  const truncated = anew.filter(({ old, now }) => old.bytes > 0 && now.bytes === 0);
  const rewritten = anew.filter((pair) => !truncated.includes(pair));
  const indexed = new Set(indexedAnew(before, after));
  const readWhole = (old: Relation, now: Relation) =>
    (alone || now.scans > old.scans) && now.pages - old.pages >= Math.max(1, old.bytes / PAGE);
  const scanned = stored.filter(
    (pair) =>
      !truncated.includes(pair) &&
      (rewritten.includes(pair) ||
        indexed.has(pair.old.oid) ||
        validatedAnew(pair.old, pair.now) ||
        readWhole(pair.old, pair.now)),
  );
  const names = (list: readonly { old: Relation }[]) => list.map(({ old }) => nameOf(old));
  return {
    rewrites: names(rewritten),
    truncations: names(truncated),
    scans: names(scanned),
    rows: stored.flatMap(({ old, now }) => rowChanges(old, now) ?? []),
    dropped: names(pairs.filter(({ old, now }) => now === undefined && old.kind !== "index")),
    droppedColumns: kept.flatMap(({ old, now }) =>
      Object.entries(old.columns)
        .filter(([number]) => !(number in now.columns))
        .map(([, column]) => ({ table: nameOf(old), column })),
    ),
  };
}

/** OIDs of tables of which an index was built: that reads the whole table. */
function indexedAnew(before: Relations, after: Relations): string[] {
  // An index that is defined anew may take over the file of the one before it.
  const files = new Set([...before.values()].flatMap(({ kind, file }) => (kind === "index" ? [file] : [])));
  return [...after.values()].flatMap(({ kind, table, file }) =>
    kind === "index" && table !== null && file !== null && !files.has(file) ? [table] : [],
  );
}

/** A foreign key that came to hold for every row was held against every row. */
function validatedAnew(old: Relation, now: Relation): boolean {
  // One on a column that is new with it, and null in every row, holds without a look at any.
  const onNewColumn =
    Object.keys(now.columns).length > Object.keys(old.columns).length && now.pages === old.pages;
  return !onNewColumn && now.validated.some((name) => !old.validated.includes(name));
}

function rowChanges(old: Relation, now: Relation): RowChanges | undefined {
  const inserted = now.inserted - old.inserted;
  const updated = now.updated - old.updated;
  const deleted = now.deleted - old.deleted;
  return inserted || updated || deleted ? { table: nameOf(old), inserted, updated, deleted } : undefined;
}

export function nameOf({ schema, name, kind }: RelationName): RelationName {
  return { schema, name, kind };
}
