import { layoutsOf } from "./catalog.ts";
import { packChunk } from "./codec/chunk.ts";
import { packTimes } from "./codec/times.ts";
import { unpackValues } from "./codec/values.ts";
import { type Connection, rows } from "./database.ts";

/** Scrapes that are packed together: an hour at fifteen seconds. */
export const SCRAPES_PER_BLOCK = 240;

/** Blocks that one packing may remove. A clock that is wrong for a moment must not take the whole history along. */
const MOST_REMOVED = 4;

/**
 * Turns the scrapes of a target, one row each, into one row a series, and removes blocks that are older than the
 * retention. Within the caller's transaction.
 *
 * @param retention milliseconds
 */
export function packScrapes(database: Connection, target: number, retention: number): void {
  const scrapes = rows(
    database,
    "select time, layout, samples from scrape where target = ? order by time",
    target,
  ) as [number, number, Buffer][];
  const layouts = layoutsOf(database, target);
  const columns = new Map<number, (number | undefined)[]>();
  for (const [index, [, layout, samples]] of scrapes.entries()) {
    const values = unpackValues(samples);
    for (const [place, series] of (layouts.get(layout) ?? new Float64Array()).entries()) {
      let column = columns.get(series);
      if (column === undefined) {
        column = new Array<undefined>(scrapes.length).fill(undefined);
        columns.set(series, column);
      }
      column[index] = values[place]!;
    }
  }
  const times = scrapes.map(([time]) => time);
  const last = times.at(-1)!;
  const [[block]] = rows(
    database,
    "insert into block (target, first, last, times) values (?, ?, ?, ?) returning id",
    ...[target, times[0], last, packTimes(times)],
  ) as [[number]];
  const insert = database.prepare("insert into chunk (series, block, samples) values (?, ?, ?)");
  for (const [series, column] of columns) insert.run(series, block, packChunk(column));
  database
    .prepare("update series set seen = ? where id in (select value from json_each(?))")
    .run(last, JSON.stringify([...columns.keys()]));
  database.prepare("delete from scrape where target = ?").run(target);
  database.prepare("delete from layout where target = ?").run(target);
  removeOld(database, target, last - retention);
}

function removeOld(database: Connection, target: number, before: number): void {
  const old = rows(
    database,
    "select id from block where target = ? and last < ? order by last limit ?",
    ...[target, before, MOST_REMOVED],
  );
  if (old.length === 0) return;
  const blocks = JSON.stringify(old.flat());
  database
    .prepare(
      `delete from chunk where series in (select id from series where target = ?)
       and block in (select value from json_each(?))`,
    )
    .run(target, blocks);
  database.prepare("delete from block where id in (select value from json_each(?))").run(blocks);
  database
    .prepare(
      `delete from series where target = ? and seen < ?
       and not exists (select 1 from chunk where chunk.series = series.id)`,
    )
    .run(target, before);
}
