import { expect, it, test } from "vitest";
import { readBase, readCorpus } from "../../../../../test/migrations/corpus.ts";
import { Catalog } from "../effects/catalog.ts";
import { learn } from "../effects/learn.ts";
import { NotSql, parseScript } from "../sql/parse.ts";
import { lint } from "./lint.ts";

const look = async (text: string, transaction = false) => {
  const { findings, allowed } = await lint({ file: "a.sql", text, transaction });
  const brief = findings
    .filter(({ rule }) => rule !== "no-lock-timeout")
    .map(({ rule, line, column }) => `${line}:${column} ${rule}`);
  return { findings, allowed, brief };
};

it("names line and column in characters, whatever stands before", async () => {
  const { brief } = await look(
    "-- é😀\n/* é😀 */ drop table a;\nalter table b add column c int, drop column é;",
  );
  expect(brief).toEqual(["2:11 drop-table", "3:33 drop-column"]);
});

it("looks into blocks, and says what it cannot see", async () => {
  const { brief } = await look(
    "do $$\nbegin\n  if true then\n    drop table a;\n    execute 'drop table ' || b;\n  end if;\nend $$;\ndo language plperl 'x';",
  );
  // Its shape can be seen; what it is about cannot.
  expect(brief).toEqual(["4:5 drop-table", "5:13 unseen", "5:13 drop-table", "8:1 unseen"]);
});

it("reads the text of EXECUTE as far as it is written down", async () => {
  const { findings } = await look(
    "do $$ begin execute format('create table %I (a int)', b); execute format('drop table %I', c); execute d; end $$;",
  );
  expect(findings.map(({ rule, statement }) => [rule, statement])).toEqual([
    ["unseen", "format('create table %I (a int)', b)"],
    ["unseen", "format('drop table %I', c)"],
    // Not the one that was made: names that are not known may differ.
    ["drop-table", "drop table the_name"],
    ["no-lock-timeout", "drop table the_name"],
    ["unseen", "d"],
  ]);
});

it("names no line of a program that made the text", async () => {
  const { findings } = await lint({
    file: "a.js",
    text: "select 1;\n drop table a;",
    transaction: true,
    made: true,
  });
  expect(findings[0]).toMatchObject({ rule: "drop-table", line: 1, column: 1, statement: "drop table a" });
});

it("finds nothing on tables that the migration makes itself", async () => {
  const { findings } = await look(
    "create table a (b int); create index on a (b); alter table a alter b type bigint; drop table a;",
  );
  expect(findings).toEqual([]);
});

it("allows what a comment gives a reason for, and that alone", async () => {
  const { brief, allowed } = await look(
    "-- seakeep: allow drop-table because nobody reads it\ndrop table a;\ndrop table b; -- seakeep: allow drop-table\ndrop table c;",
  );
  expect(allowed.map(({ line, reason }) => [line, reason])).toEqual([[2, "nobody reads it"]]);
  expect(brief).toEqual(["3:1 drop-table", "3:15 allow-without-reason", "4:1 drop-table"]);
});

it("sees what statements of one transaction do together", async () => {
  const together =
    "alter table a add column b int; alter table c validate constraint d; create index concurrently on e (f);";
  expect((await look(together)).brief).toEqual([]);
  expect((await look(together, true)).brief).toEqual([
    "1:33 lock-held-through-work",
    "1:70 refused-in-transaction",
    "1:70 lock-held-through-work",
  ]);
  expect((await look(`begin; ${together} commit; analyze a;`)).brief).toHaveLength(3);
});

it("is only careful about a transaction that nobody has asked for", async () => {
  const levels = async (text: string) =>
    (await lint({ file: "a.sql", text })).findings
      .filter(({ rule }) => rule !== "no-lock-timeout")
      .map(({ rule, level }) => `${rule} ${level}`);
  const two = "alter table a add constraint b check (c > 0) not valid; alter table a validate constraint b;";
  expect(await levels(two)).toEqual(["lock-held-through-work caution"]);
  expect(await levels(`begin; ${two} commit;`)).toEqual(["lock-held-through-work unsafe"]);
  expect(await levels(two.replace(";", "; commit;"))).toEqual([]);
  // No tool can run this one in a transaction.
  expect(await levels(`${two} create index concurrently on a (c);`)).toEqual([]);
});

it("knows what may not be used or done in the same transaction", async () => {
  const label = "alter type mood add value 'new'; insert into a values ('new');";
  expect((await look(label, true)).brief).toEqual(["1:34 refused-in-transaction"]);
  expect((await look(label)).brief).toEqual([]);
  const backfill = "begin; alter table a add column b int; update a set b = 1 where c < 9; commit;";
  expect((await look(backfill)).brief).toEqual(["1:40 update", "1:40 lock-held-through-work"]);
  expect((await look(backfill.replace("c < 9", "c = 9"))).brief).toEqual([]);
});

it("takes nothing for its own that may be another's", async () => {
  const index = "create index on a (b);";
  const rules = async (text: string) => (await look(text)).brief.map((found) => found.split(" ")[1]);
  expect(await rules(`begin; create table a (b int); rollback; ${index}`)).toEqual(["create-index"]);
  expect(await rules(`create table other.a (b int); ${index}`)).toEqual(["create-index"]);
  expect(await rules(`create table a (b int); set search_path = other; ${index}`)).toEqual(["create-index"]);
  expect(await rules(`set search_path = other; create table other.a (b int); ${index}`)).toEqual([]);
  expect(await rules(`create temp table a (b int); ${index}`)).toEqual([]);
  expect(await rules("create temp table a (b int); create index on public.a (b);")).toEqual(["create-index"]);
});

it("knows what a file itself tells about a table that nothing else is known of", async () => {
  const check = "alter table a add constraint c check (b is not null) not valid; commit;";
  const rest = "alter table a validate constraint c; commit; alter table a alter b set not null;";
  expect((await look(check + rest)).brief).toEqual([]);
  expect((await look(check + rest.slice(rest.indexOf("commit")))).brief).toEqual(["1:80 set-not-null"]);
  expect((await look("alter table a add column b int; update a set b = 1 where b is null;")).brief).toEqual([
    "1:33 update-all",
  ]);
});

it("holds a timeout that was local for as long as its transaction", async () => {
  const { findings } = await look(
    "begin; set local lock_timeout = '2s'; commit; alter table a add column b int;",
  );
  expect(findings.map(({ rule }) => rule)).toEqual(["no-lock-timeout"]);
});

it("takes no longer for each statement of a file with thousands of them", async () => {
  const time = async (count: number) => {
    const began = process.cpuUsage();
    await look("insert into a values (1); -- x\n".repeat(count));
    return process.cpuUsage(began).user;
  };
  await time(250);
  // Sixteen times as many; in the square of it were 256 times as long.
  expect(await time(4_000)).toBeLessThan(64 * (await time(250)));
}, 30_000);

it("asks once for a lock timeout, and not where one is set", async () => {
  const rules = async (text: string) =>
    (await lint({ file: "a", text, transaction: false })).findings.map(({ rule }) => rule);
  const two = "alter table a add column b int; alter table a add column c int;";
  expect(await rules(two)).toEqual(["no-lock-timeout"]);
  expect(await rules(`set lock_timeout = '2s'; ${two}`)).toEqual([]);
  expect(await rules(`set lock_timeout = 0; ${two}`)).toEqual(["no-lock-timeout"]);
});

it("writes the safe statements with the names that were used", async () => {
  const [finding] = (await look('alter table "Users" add constraint c check (a > 0)')).findings;
  expect(finding?.fix).toBe(
    'alter table "Users" add constraint c check (a > 0) not valid;\n-- in a later migration:\nalter table "Users" validate constraint c;',
  );
});

test.each([
  ["select 1;\n\\i more.sql\n", "meta-command", 10],
  ["drop table a;\0 drop table b;", "NUL", 13],
  ["\uFEFFselect 1", "byte order mark", 0],
  ["copy a from stdin;\n1\n\\.\n", "COPY", 0],
  ["-- é😀\nselct 1", 'at or near "selct"', 7],
])("%j cannot be parsed", async (text, message, offset) => {
  const error = await look(text).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(NotSql);
  expect(error).toMatchObject({ message: expect.stringContaining(message), offset });
});

it("judges every statement of the corpus as the documentation of Postgres does", async () => {
  const [corpus, base] = await Promise.all([readCorpus(), parseScript(await readBase())]);
  const wrong: string[] = [];
  for (const { name, unsafe, setup, statement } of corpus) {
    const catalog = new Catalog();
    for (const before of [...base.statements, ...(await parseScript(setup)).statements])
      learn(before, catalog);
    catalog.settle();
    const { findings } = await lint({ file: name, text: statement, transaction: false }, catalog);
    if (findings.some(({ level }) => level === "unsafe") !== unsafe) wrong.push(name);
  }
  expect(corpus.length).toBeGreaterThanOrEqual(300);
  // No-ops that only the server knows to be such: what looks like a rewrite is called one.
  expect(wrong).toEqual([
    "tables: change the access method to the one it has",
    "tables: set a tablespace that it has",
  ]);
});
