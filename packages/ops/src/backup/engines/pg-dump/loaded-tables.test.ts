import { expect, it } from "vitest";
import type { Loaded } from "./load-rows.ts";
import { LoadedTables } from "./loaded-tables.ts";

const table = (name: string): Loaded => ({ schema: "public", name, columns: ["id"], encoding: "UTF8" });
const turn = () => new Promise((resolve) => setImmediate(resolve));

async function take(tables: LoadedTables, signal: AbortSignal, into: string[]): Promise<void> {
  for await (const { name } of tables.tables(signal)) {
    into.push(name);
    await turn();
  }
}

it("gives nothing before it is begun, then each table to one reader, until there are no more", async () => {
  const tables = new LoadedTables();
  const { signal } = new AbortController();
  const taken: string[] = [];
  const readers = [take(tables, signal, taken), take(tables, signal, taken)];
  tables.add(table("a"));
  await turn();
  expect(taken).toEqual([]);
  tables.begin();
  await turn();
  tables.add(table("b"));
  tables.add(table("c"));
  tables.end();
  await Promise.all(readers);
  expect(taken).toEqual(["a", "b", "c"]);
});

it("ends whoever waits with the reason of its signal", async () => {
  const stop = new AbortController();
  const waiting = take(new LoadedTables(), stop.signal, []);
  await turn();
  stop.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
});
