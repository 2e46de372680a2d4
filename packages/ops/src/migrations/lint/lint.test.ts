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
  expect(brief).toEqual(["4:5 drop-table", "5:13 unseen", "8:1 unseen"]);
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
