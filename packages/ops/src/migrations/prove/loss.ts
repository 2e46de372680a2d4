import type { Session } from "../../postgres/session.ts";
import {
  type Contents,
  pin,
  readShapes,
  readTable,
  type TableContents,
  type TableShape,
} from "./contents.ts";
import { shown } from "./facts.ts";
import { compareRows } from "./rows.ts";
import { countText } from "./words.ts";

/** Whether what was there is still there, and why it is thought so: a sentence each, without full stop. */
export interface Losses {
  readonly lost: readonly string[];
  /** What could not be seen. */
  readonly unseen: readonly string[];
}

/**
 * Looks for every value of the old database in the new one: in the same row of the same column of the same table,
 * whatever their names are now. A value of another type is the same if casting it back gives what it was.
 *
 * @param before a session in a copy of the database as it was
 * @param contents what that copy holds
 * @param after a session in the database as it is; OIDs are the same in both
 */
export async function findLosses(before: Session, contents: Contents, after: Session): Promise<Losses> {
  await pin(before);
  await pin(after);
  const shapes = await readShapes(after);
  const lost: string[] = [];
  const unseen: string[] = [];
  for (const table of contents.tables) {
    const now = shapes.find(({ oid }) => oid === table.oid);
    if (table.rows === 0) {
      if (now === undefined || !sameColumns(table, now))
        unseen.push(`${shown(table.name)} has no rows to see what becomes of them`);
    } else if (now === undefined) {
      if (!(await isRebuilt(after, table, shapes))) {
        lost.push(`table ${shown(table.name)} is dropped, with ${countText(table.rows, "row")}`);
      }
    } else lost.push(...(await lostColumns(before, table, after, now)));
  }
  return { lost, unseen };
}

function sameColumns(table: TableContents, now: TableShape): boolean {
  return table.columns.every(({ number, type }) =>
    now.columns.some((column) => column.number === number && column.type === type),
  );
}

/** A new table that has its name, its columns and its rows. */
async function isRebuilt(
  after: Session,
  table: TableContents,
  shapes: readonly TableShape[],
): Promise<boolean> {
  const other = shapes.find(({ name }) => name === table.name);
  const has = (name: string) => other?.columns.some((column) => column.name === name);
  if (other === undefined || !table.columns.every(({ name }) => has(name))) return false;
  const rebuilt = await tryRead(after, { ...table, oid: other.oid });
  return rebuilt !== undefined && isEqual(table, rebuilt);
}

async function lostColumns(
  before: Session,
  table: TableContents,
  after: Session,
  now: TableShape,
): Promise<string[]> {
  const lost: string[] = [];
  const place = (name: string) => `${shown(table.name)}.${name}`;
  const of = countText(table.rows, "row");
  for (const { number, name, filled } of table.columns) {
    if (filled === 0 || now.columns.some((column) => column.number === number)) continue;
    lost.push(`column ${place(name)} is dropped, with a value in ${filled} of ${of}`);
  }
  const { was, is } = common(table, now);
  const read = await tryRead(after, is);
  if (read === undefined) {
    return [...lost, `values of ${shown(table.name)} cannot be cast back to what they were`];
  }
  if (was.columns.length === table.columns.length && isEqual(table, read)) return lost;
  const { missing, changed } = await compareRows(
    { session: before, shape: was },
    { session: after, shape: is },
  );
  const how = was.key.length === 0 ? "gone or changed" : "gone";
  if (missing > 0) lost.push(`${missing} of ${of} of ${shown(table.name)} are ${how}`);
  for (const [name, count] of changed) {
    lost.push(`column ${place(name)} has another value in ${count} of ${of}`);
  }
  return lost;
}

/** What both have of a table, in the types and by the key that it had, under the names that each of them uses. */
function common(table: TableContents, now: TableShape): { was: TableShape; is: TableShape } {
  const kept = table.columns.flatMap((old) => {
    const same = now.columns.find(({ number }) => number === old.number);
    return same === undefined ? [] : [{ old, is: { ...old, name: same.name } }];
  });
  const key = table.key.map((name) => kept.find(({ old }) => old.name === name)?.is.name);
  const keyed = key.every((name) => name !== undefined);
  return {
    was: { ...table, key: keyed ? table.key : [], columns: kept.map(({ old }) => old) },
    is: { ...now, key: keyed ? key : [], columns: kept.map(({ is }) => is) },
  };
}

async function tryRead(session: Session, shape: TableShape): Promise<TableContents | undefined> {
  try {
    return await readTable(session, shape);
  } catch {
    return undefined;
  }
}

/** By the order of their columns, whatever their names are. */
function isEqual(one: TableContents, other: TableContents): boolean {
  return (
    one.rows === other.rows &&
    one.columns.length === other.columns.length &&
    one.columns.every(({ hash, filled }, index) => {
      const there = other.columns[index]!;
      return hash === there.hash && filled === there.filled;
    })
  );
}
