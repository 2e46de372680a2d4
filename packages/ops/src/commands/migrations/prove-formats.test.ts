import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Migration } from "../../migrations/migration.ts";
import type { MigrationReport } from "../../migrations/prove/prove.ts";
import type { ProofReport } from "../../migrations/prove/run.ts";
import { proofAnnotations, proofSarif, remarksOf } from "./prove-formats.ts";

const FILE = `-- Up Migration
create table é (id int);
  alter table missing add column x int;
-- Down Migration
drop table wrong;
`;
let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), "seakeep-prove-"));
  await writeFile(join(cwd, "1.sql"), FILE);
});
afterAll(() => rm(cwd, { recursive: true }));

function migration(name: string, made = false): Migration {
  const file = join(cwd, "1.sql");
  const [up, down] = [FILE.indexOf("create"), FILE.indexOf("drop")];
  const at = (offset: number) => (made ? {} : { offset });
  return {
    name,
    up: { file, text: FILE.slice(up, FILE.indexOf("-- Down")), ...at(up) },
    down: { file, text: FILE.slice(down), ...at(down) },
    transaction: true,
  };
}

const fine = { statements: [], locks: [] };
const failing = (statement: string) => ({ ...fine, failure: { statement, state: "42P01", message: "no" } });

function reportOf(migrations: readonly MigrationReport[], untried: readonly string[] = []): ProofReport {
  return { data: "sample", server: 150000, migrations, untried, unfilled: [] };
}

test("points at the statement that failed, up or down, as an editor counts", async () => {
  const up = await remarksOf(
    reportOf([
      {
        ...{ name: "1", verdict: "failed", problems: ["There is no such table."] },
        up: failing("alter table missing add column x int"),
      },
    ]),
    [migration("1")],
    cwd,
  );
  expect(up).toEqual([
    {
      rule: "failed",
      place: { file: "1.sql", line: 3, column: 3 },
      message: "1: There is no such table.",
    },
  ]);
  expect(proofAnnotations(up)).toBe(
    "::error file=1.sql,line=3,col=3,title=failed::1: There is no such table.",
  );
  const [down] = await remarksOf(
    reportOf([
      { name: "1", verdict: "failed", problems: ["Down."], up: fine, down: failing("drop table wrong") },
    ]),
    [migration("1")],
    cwd,
  );
  expect(down?.place).toEqual({ file: "1.sql", line: 5, column: 1 });
});

test("a class that is hard to go back from is remarked, what is fine is not, what was not tried is no pass", async () => {
  const proof = (of: "data-losing" | "forward-only" | "reversible") =>
    ({ class: of, evidence: [`It is ${of}.`] }) as unknown as NonNullable<MigrationReport["proof"]>;
  const proven = (name: string, of: Parameters<typeof proof>[0]): MigrationReport => ({
    ...{ name, verdict: "proven", problems: [], up: fine, proof: proof(of) },
  });
  const remarks = await remarksOf(
    reportOf([proven("1", "data-losing"), proven("2", "reversible"), proven("3", "forward-only")], ["4"]),
    [migration("1"), migration("2"), migration("3", true), migration("4")],
    cwd,
  );
  expect(remarks).toEqual([
    { rule: "data-losing", place: { file: "1.sql", line: 2, column: 1 }, message: "1: It is data-losing." },
    { rule: "forward-only", place: { file: "1.sql" }, message: "3: It is forward-only." },
    {
      rule: "unknown",
      place: { file: "1.sql", line: 2, column: 1 },
      message: "4: one before it could not be applied.",
    },
  ]);
  const [run] = (proofSarif(remarks) as { runs: { results: { level: string }[] }[] }).runs;
  expect(run!.results.map(({ level }) => level)).toEqual(["warning", "note", "warning"]);
  expect(JSON.stringify(run)).toContain('"executionSuccessful":false');
});
