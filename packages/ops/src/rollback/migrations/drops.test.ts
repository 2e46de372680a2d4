import { expect, it } from "vitest";
import { readDrops } from "./drops.ts";

it.each([
  ["drop table ratings", [{ relation: ["ratings"] }]],
  [
    'drop table if exists "A b".ratings, other cascade',
    [{ relation: ["A b", "ratings"] }, { relation: ["other"] }],
  ],
  ["alter table courses drop column rating", [{ relation: ["courses"], column: "rating" }]],
  [
    'alter table s.courses drop if exists rating cascade, drop constraint c, alter "B" drop not null',
    [{ relation: ["s", "courses"], column: "rating" }],
  ],
  [
    "drop index a; drop view v; drop function f(int); drop trigger t on courses; drop policy p on courses",
    [],
  ],
  ["alter table courses rename column a to b; comment on table courses is 'x'", []],
  ["-- nothing at all", []],
])("sees what %s takes away", async (sql, drops) => {
  expect(await readDrops(sql)).toEqual(drops);
});

it.each([
  "update courses set level = 'easy'",
  "delete from ratings",
  "truncate ratings",
  "insert into courses select * from old",
  "do $$ begin drop table ratings; end $$",
  "select drop_everything()",
  "alter table courses alter column title type varchar(10)",
  "drop type level cascade",
  "drop schema s cascade",
  "drop sequence ids",
  "alter table a rename to b; drop table b",
  "begin; drop table ratings; commit",
  "drop table ratings; what is this",
])("does not claim to see all that %s takes away", async (sql) => {
  expect(await readDrops(sql)).toBeUndefined();
});
