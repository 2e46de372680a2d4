import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "../../cli.ts";

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), "seakeep-lint-"));
  await writeFile(join(cwd, "1.sql"), "create table users (id int);\n");
  await writeFile(join(cwd, "2.sql"), "\n  create index on users (id);\n");
  await writeFile(join(cwd, "3.sql"), "create tabel t;\n");
  await symlink(join(import.meta.dirname, "../../../../../node_modules"), join(cwd, "node_modules"));
  await mkdir(join(cwd, "migrations"));
  await writeFile(
    join(cwd, "migrations/001_users.sql"),
    "create table users (id int);\ncreate index on users (id);\n",
  );
  await writeFile(join(cwd, "migrations/002_index.sql"), "create index on users (id);\n");
  await writeFile(
    join(cwd, "seakeep.config.ts"),
    `import { defineService, errors } from "@seakeep/contract";
import { defineOps, sqlFiles } from "seakeep";
const service = defineService({ name: "shop", owner: "team", slos: [errors({ objective: 99 })] });
export default defineOps({ service, url: "http://127.0.0.1:1", migrations: sqlFiles("migrations") });
`,
  );
});
afterAll(() => rm(cwd, { recursive: true }));

async function lint(...args: readonly string[]) {
  let [stdout, stderr] = ["", ""];
  const code = await run(["migrations", "lint", ...args], {
    ...{ cwd, environment: { NO_COLOR: "1" }, signal: new AbortController().signal },
    stdout: {
      write(text) {
        stdout += text;
      },
    },
    stderr: {
      write(text) {
        stderr += text;
      },
    },
  });
  return { code, stdout, stderr };
}

test("a table that an earlier file makes is known, and one that is there already is not new", async () => {
  expect(await lint("1.sql", "2.sql")).toMatchObject({ code: 1 });
  expect(await lint("1.sql")).toMatchObject({ code: 0, stdout: expect.stringContaining("0 unsafe") });
  // The first one loads the parser.
}, 30_000);

test("--json is one document of findings, with the place that an editor would show", async () => {
  const { code, stdout } = await lint("2.sql", "--json");
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toEqual({
    findings: expect.arrayContaining([
      {
        ...{ file: "2.sql", line: 2, column: 3, rule: "create-index", level: "unsafe" },
        ...{ statement: expect.stringMatching(/^create index on users/) },
        ...{ why: expect.any(String), fix: expect.stringContaining("concurrently") },
      },
    ]),
  });
});

test("what cannot be parsed is no pass, and hides nothing of the others", async () => {
  const alone = await lint("3.sql");
  expect(alone).toMatchObject({ code: 3, stdout: "0 unsafe, 0 to be careful with, 1 not looked at\n" });
  expect(alone.stderr).toContain("3.sql:1:");
  const both = await lint("3.sql", "2.sql");
  // Failure dominates not knowing.
  expect(both.code).toBe(1);
  expect(both.stdout).toContain("create-index");
});

test("bytes that are no text are one more file that cannot be parsed; a byte order mark is none", async () => {
  await writeFile(join(cwd, "latin1.sql"), Buffer.from("select 'Gr\xf6\xdfe';", "latin1"));
  await writeFile(join(cwd, "bom.sql"), "\uFEFFdrop table users;\n");
  const alone = await lint("latin1.sql", "--json");
  expect(alone).toMatchObject({ code: 3, stderr: "cannot parse: latin1.sql:1:1: it is not UTF-8\n" });
  expect(JSON.parse(alone.stdout)).toEqual({ findings: [] });
  const both = await lint("latin1.sql", "bom.sql", "--json");
  expect(both.code).toBe(1);
  expect(JSON.parse(both.stdout).findings[0]).toMatchObject({ rule: "drop-table", line: 1, column: 1 });
});

test("carriage returns, tabs and characters beyond ASCII count as an editor counts them", async () => {
  await writeFile(join(cwd, "crlf.sql"), 'select 1;\r\n\tdrop table "é😀"; drop table "Größe";\r\n');
  const { stdout } = await lint("crlf.sql", "--json");
  const places = JSON.parse(stdout).findings.map((found: Record<string, unknown>) => [
    ...[found.rule, found.line, found.column, found.statement],
  ]);
  expect(places).toEqual([
    ["drop-table", 2, 2, 'drop table "é😀"'],
    ["no-lock-timeout", 2, 2, 'drop table "é😀"'],
    ["drop-table", 2, 20, 'drop table "Größe"'],
  ]);
});

test("formats: annotations and SARIF name the place as well", async () => {
  expect((await lint("2.sql", "--format", "github")).stdout).toMatch(/^::error file=2\.sql,line=2,/m);
  const { stdout } = await lint("2.sql", "--format", "sarif");
  const [sarif] = JSON.parse(stdout).runs;
  expect(sarif.results[0].locations[0].physicalLocation.region).toMatchObject({ startLine: 2 });
});

test("without files it is the history of the configuration, and --since what comes after one", async () => {
  const whole = await lint();
  expect(whole.code, whole.stderr).toBe(1);
  expect(whole.stdout).toContain("migrations/002_index.sql:1:1");
  expect(whole.stdout).not.toContain("001_users");
  expect(await lint("--since", "002_index")).toMatchObject({ code: 0 });
  expect(await lint("--since", "000_none")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("SK-MIGRATIONS-005"),
  });
});

test("a file that is not there is wrong usage", async () => {
  expect(await lint("9.sql")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("SK-MIGRATIONS-001"),
  });
});
