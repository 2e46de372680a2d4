import { createHash } from "node:crypto";
import { mkdir, open, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { mustRun } from "../stack/commands.ts";
import { openScratch, type Scratch, startPostgres, until } from "../stack/index.ts";
import type { Postgres } from "../stack/postgres.ts";
import { type Running, seakeep as run, startSeakeep } from "./backup/command.ts";

const OWNED = "select count(*) = 0 from courses where owner is null";

let scratch: Scratch;
let postgres: Postgres;
let made = 0;
/** Of one test: the store, the folder that drills work in, and the user's project. */
let store: string;
let work: string;
let databaseUrl: string;

beforeAll(async () => {
  scratch = await openScratch();
  postgres = await startPostgres(scratch);
  await symlink(join(import.meta.dirname, "../../node_modules"), join(scratch.folder, "node_modules"));
});
afterAll(() => scratch?.close());

beforeEach(async () => {
  const number = ++made;
  [store, work] = [join(scratch.folder, `store-${number}`), join(scratch.folder, `work-${number}`)];
  await mkdir(work);
  databaseUrl = await postgres.createDatabase(`courses ${number}`);
  await sql(
    databaseUrl,
    `create table courses (id int primary key, owner text);
     insert into courses select i, 'owner ' || i from generate_series(1, 2000) i;
     create schema hidden; create table hidden.facts (f text); insert into hidden.facts values ('a'), ('b');`,
  );
});
/** Whatever a drill came to, nothing of it is left. */
afterEach(async () => {
  expect(await readdir(work)).toEqual([]);
});

async function sql(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(text).finally(() => client.end());
}

interface Declared {
  readonly expect?: Readonly<Record<string, string>>;
  readonly recovery?: string;
  /** Text of `drill.boot`. */
  readonly boot?: string;
}

/** Writes the user's configuration. */
async function declare({ expect = {}, recovery = "", boot }: Declared = {}): Promise<string> {
  const list = Object.entries(expect).map(
    ([name, query]) => `sql(${JSON.stringify(name)}, ${JSON.stringify(query)})`,
  );
  const file = join(scratch.folder, `seakeep.config.${made}.ts`);
  await writeFile(
    file,
    `import { defineService, errors } from "@seakeep/contract";
import { defineOps, fs, secret, sql } from "seakeep";
const service = defineService({ name: "courses", owner: "learning", slos: [errors({ objective: 99 })], ${recovery} });
export default defineOps({
  service, url: "http://127.0.0.1:3000", database: secret("DATABASE_URL"),
  backup: { store: fs(${JSON.stringify(store)}) },
  drill: { every: "7d", expect: [${list.join(", ")}]${boot === undefined ? "" : `, boot: ${boot}`} },
});
void sql;
`,
  );
  return file;
}

const seakeep = (config: string, ...args: readonly string[]) =>
  run(scratch, [...args, "--config", config, "--json"], { DATABASE_URL: databaseUrl });

async function backUp(config: string): Promise<string> {
  const { code, stdout, stderr } = await seakeep(config, "backup", "create");
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout).id;
}

async function drill(config: string, ...args: readonly string[]) {
  const { code, stdout, stderr } = await seakeep(config, "drill", "--work-dir", work, ...args);
  return { code, stderr, result: stdout === "" ? undefined : JSON.parse(stdout) };
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}

const stateOf = async (config: string, id: string): Promise<string> => {
  const { stdout } = await seakeep(config, "backup", "list");
  return JSON.parse(stdout).find((entry: { id: string }) => entry.id === id).state;
};
const reportFile = (number: number, kind = "json") => join(store, `courses/drills/d00000${number}.${kind}`);
const readReport = async (number: number) => JSON.parse(await readFile(reportFile(number), "utf8"));

describe("a drill", () => {
  it("proves a backup that is what its owner expects, in time, and says so in the store", async () => {
    const config = await declare({
      expect: {
        "every course has an owner": `${OWNED};`,
        "there are courses -- many": "select count(*) = 2000 from courses -- x",
      },
      recovery: 'recovery: { rpo: "24h", rto: "10m" }',
    });
    const id = await backUp(config);
    expect(await stateOf(config, id)).toBe("complete");
    const { code, result, stderr } = await drill(config);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(result).toMatchObject({
      ...{ id, passed: true, validated: true, problems: [], tables: 2, rows: 2002, report: 1 },
      expectations: [
        { name: "every course has an owner", passed: true },
        { name: "there are courses -- many", passed: true },
      ],
      rto: { declaredSeconds: 600, verdict: "met" },
      rpo: { declaredSeconds: 86_400, verdict: "met" },
    });
    expect(result.rtoSeconds).toBeGreaterThan(0);
    expect(result.rpoSeconds).toBeGreaterThanOrEqual(0);
    expect(result.rpoSeconds).toBeLessThan(120);
    expect(await stateOf(config, id)).toBe("proven");
    expect(await readReport(1)).toMatchObject({
      id,
      passed: true,
      previous: null,
      server: { kind: "scratch" },
    });
    expect(await readFile(reportFile(1, "md"), "utf8")).toContain("✓ passed");
  });

  it("fails when an expectation does not hold, each in its own words, and proves nothing", async () => {
    await sql(databaseUrl, "update courses set owner = null where id = 7");
    const config = await declare({
      expect: {
        "every course has an owner": OWNED,
        "no row": "select true where false",
        "two rows": "select true from hidden.facts",
        null: "select null::boolean",
        "two booleans": "select true, true",
        "a number": "select 1",
        "no such table": "select true from nowhere",
        writes: "with gone as (delete from courses returning 1) select count(*) > 0 from gone",
        fine: "select true",
      },
    });
    const id = await backUp(config);
    const { code, result } = await drill(config);
    expect(code).toBe(1);
    expect(result).toMatchObject({ id, passed: false, validated: true, rto: { verdict: "not declared" } });
    const told = result.expectations.map(({ name, passed, problem = "" }: Record<string, unknown>) => [
      ...[name, passed, problem],
    ]);
    expect(told).toEqual([
      ["every course has an owner", false, "it answered false"],
      ["no row", false, "it answered no row"],
      ["two rows", false, "it answered more than one row"],
      ["null", false, "it answered null"],
      ["two booleans", false, "it answered other than one boolean"],
      ["a number", false, "it answered other than one boolean"],
      [
        "no such table",
        false,
        expect.stringMatching(/^it raised an error: relation "nowhere" does not exist/),
      ],
      ["writes", false, expect.stringMatching(/^it raised an error: /)],
      ["fine", true, ""],
    ]);
    expect(await stateOf(config, id)).toBe("complete");
  });

  it("fails when it takes longer than is promised, though the backup is good", async () => {
    const config = await declare({ recovery: 'recovery: { rpo: "24h", rto: "1ms" }' });
    const id = await backUp(config);
    const { code, result } = await drill(config);
    expect(code).toBe(1);
    expect(result).toMatchObject({
      passed: false,
      validated: true,
      rto: { verdict: "missed" },
      rpo: { verdict: "met" },
    });
    expect(await stateOf(config, id)).toBe("proven");
  });

  it("fails on damage, whether the store shows it or only the bytes do", async () => {
    const config = await declare({ expect: { "every course has an owner": OWNED } });
    const id = await backUp(config);
    const archive = join(store, "courses/backups", id, "archive.dump");
    const handle = await open(archive, "r+");
    const [{ buffer }, { size }] = [await handle.read(Buffer.alloc(1), 0, 1, 200), await handle.stat()];
    await handle.write(Buffer.from([buffer[0]! ^ 1]), 0, 1, 200);
    await handle.close();
    const flipped = await drill(config);
    expect(flipped.code).toBe(1);
    expect(flipped.result).toMatchObject({ id, passed: false, validated: false, rtoSeconds: null });
    expect(flipped.result.problems).not.toEqual([]);
    expect(flipped.result.expectations).toEqual([
      { name: "every course has an owner", passed: false, problem: expect.stringMatching(/^not tried/) },
    ]);

    const cut = await open(archive, "r+");
    await cut.truncate(size - 1);
    await cut.close();
    const short = await drill(config);
    expect(short.code).toBe(1);
    expect(short.result).toMatchObject({ id, passed: false, validated: false, report: 2 });
    expect(short.result.problems[0]).toContain("archive.dump");
  });

  it("does not pass on a backup that holds no table, for nothing was compared", async () => {
    await sql(databaseUrl, "drop schema public, hidden cascade; create schema public");
    const config = await declare();
    const id = await backUp(config);
    const { code, result } = await drill(config);
    expect(code).toBe(1);
    expect(result).toMatchObject({
      ...{ passed: false, validated: true, tables: 0 },
      problems: ["it holds no table, so nothing was compared"],
    });
    expect(await stateOf(config, id)).toBe("complete");
  });

  it("takes the newest by itself, each in turn when asked, and judges the age of the newest alone", async () => {
    const config = await declare({ recovery: 'recovery: { rpo: "24h", rto: "10m" }' });
    const [first, second] = [await backUp(config), await backUp(config)];
    const { code, result } = await drill(config, "--each");
    expect(code).toBe(0);
    expect(result).toMatchObject([
      { id: first, passed: true, rpo: { verdict: "not judged" } },
      { id: second, passed: true, rpo: { verdict: "met" } },
    ]);
  });

  it("tells when nothing is there to drill", async () => {
    const config = await declare();
    await mkdir(store);
    expect(await drill(config)).toMatchObject({ code: 2, result: { error: { code: "SK-BACKUP-006" } } });
  });
});

describe("the chain of reports", () => {
  it("binds each report to the one before, and tells of what was changed or taken away", async () => {
    const config = await declare();
    await backUp(config);
    for (const number of [1, 2])
      expect(await drill(config), String(number)).toMatchObject({ code: 0, stderr: "" });
    const hash = createHash("sha256")
      .update(await readFile(reportFile(1)))
      .digest("hex");
    expect((await readReport(2)).previous).toBe(hash);

    await writeFile(
      reportFile(1),
      (await readFile(reportFile(1), "utf8")).replace('"rows": 2002', '"rows": 2003'),
    );
    const changed = await drill(config);
    expect(changed.code).toBe(0);
    expect(changed.stderr).toContain("d000002 does not carry the hash of the report before it");
    expect(await readFile(reportFile(3, "md"), "utf8")).toContain("The chain of reports is broken");
  });
});

describe("the service on the restored database", () => {
  const example = join(import.meta.dirname, "../../examples/courses-api");
  const config = join(example, "seakeep.config.ts");
  const env = () => ({ DATABASE_URL: databaseUrl, BACKUP_DIR: store, METRICS_TOKEN: "token-of-a-drill" });
  const runExample = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await run(scratch, [...args, "--config", config, "--json"], env());
    expect(stdout + stderr).not.toContain("token-of-a-drill");
    return { code, stderr, result: JSON.parse(stdout) };
  };

  it("is started, checked and ended; what only it could tell is told", async () => {
    databaseUrl = await postgres.createDatabase(`school ${made}`);
    for (const step of ["migrate.js", "seed.js"]) {
      await mustRun(scratch, { command: process.execPath, args: [join(example, "dist", step)], env: env() });
    }
    await runExample("backup", "create");
    const good = await runExample("drill", "--work-dir", work);
    expect(good, good.stderr).toMatchObject({ code: 0, result: { passed: true, boot: { passed: true } } });
    const verdicts = good.result.boot.checks.map(({ name, verdict }: Record<string, string>) => [
      name,
      verdict,
    ]);
    expect(Object.fromEntries(verdicts)).toMatchObject({ health: "passed", "metrics-gate": "passed" });
    expect(await readFile(join(store, "courses-api/drills/d000001.md"), "utf8")).toContain(
      "## The service on the restored data",
    );

    // Equal to what was dumped, and as expected; and yet nobody could work with it.
    await sql(databaseUrl, "alter table courses rename column title to heading");
    const { result: broken } = await runExample("backup", "create");
    const bad = await runExample("drill", "--work-dir", work);
    expect(bad).toMatchObject({
      code: 1,
      result: { passed: false, validated: true, boot: { passed: false } },
    });
    const expectations: { passed: boolean }[] = bad.result.expectations;
    expect(expectations.every(({ passed }) => passed)).toBe(true);
    const { result: listed } = await runExample("backup", "list");
    expect(listed.map(({ id, state }: Record<string, string>) => [id === broken.id, state])).toEqual([
      [false, "proven"],
      [true, "complete"],
    ]);
  });

  it("ends with the drill, also one that is killed, and also a service that will not stop", async () => {
    const pidFile = join(scratch.folder, `service-${made}`);
    const script = `process.on("SIGTERM", () => {}); require("fs").writeFileSync("${pidFile}", String(process.pid)); setInterval(() => {}, 1000)`;
    const stubborn = await declare({
      boot: JSON.stringify({ command: [process.execPath, "-e", script], within: "60s" }),
    });
    await backUp(stubborn);
    const args = ["drill", "--config", stubborn, "--work-dir", work];
    const running = startSeakeep(scratch, args, { DATABASE_URL: databaseUrl });
    const pid = await until(
      "the service to run",
      async () => Number(await readFile(pidFile, "utf8").catch(() => "")) || false,
      { within: 30_000 },
    );
    running.child.kill("SIGKILL");
    await running.ended;
    await until("the service to be gone", () => isGone(pid), { within: 10_000 });
    await until("the folder to be gone", async () => (await readdir(work)).length === 0, { within: 10_000 });
  });
});

describe("a declared server", () => {
  it("is refused when it is the source, before anything is done to it", async () => {
    const config = await declare();
    await backUp(config);
    const env = { DATABASE_URL: databaseUrl, STAGING_URL: postgres.url };
    const args = [
      "drill",
      "--config",
      config,
      "--work-dir",
      work,
      "--json",
      "--server-from-env",
      "STAGING_URL",
    ];
    const { code, stdout, stderr } = await run(scratch, args, env);
    expect(code).toBe(2);
    expect(JSON.parse(stdout).error.code).toBe("SK-DRILL-001");
    expect(stdout + stderr).not.toContain(new URL(postgres.url).password);
  });

  it("is left as it was", async () => {
    const config = await declare({ expect: { "every course has an owner": OWNED } });
    const id = await backUp(config);
    const other = await startPostgres();
    try {
      // First somebody who is not told which server it is: it might be the source under another address.
      await sql(
        other.url,
        "create role plain login createdb password 'plain'; revoke execute on function pg_control_system() from public",
      );
      const plain = other.url.replace(/\/\/[^@]+@/, "//plain:plain@");
      const told = await run(
        scratch,
        ["drill", "--config", config, "--work-dir", work, "--json", "--server-from-env", "STAGING_URL"],
        { DATABASE_URL: databaseUrl, STAGING_URL: plain },
      );
      expect([told.code, JSON.parse(told.stdout).error]).toEqual([
        2,
        expect.objectContaining({ code: "SK-DRILL-001", message: expect.stringContaining("told apart") }),
      ]);
      const env = { DATABASE_URL: databaseUrl, STAGING_URL: other.url };
      const args = [
        "drill",
        "--config",
        config,
        "--work-dir",
        work,
        "--json",
        "--server-from-env",
        "STAGING_URL",
      ];
      const { code, stdout } = await run(scratch, args, env);
      expect({ code, id: JSON.parse(stdout).id }).toEqual({ code: 0, id });
      expect((await readReport(1)).server.kind).toBe("declared");
      const client = new pg.Client({ connectionString: other.url });
      await client.connect();
      const { rows } = await client
        .query("select datname from pg_database order by 1")
        .finally(() => client.end());
      expect(rows.map(({ datname }) => datname)).toEqual(["postgres", "template0", "template1"]);

      // A restore to another server than the one that the configuration names.
      const restored = await run(
        scratch,
        ["restore", id, "--config", config, "--into", "moved", "--server", "NEW_URL", "--json"],
        { DATABASE_URL: databaseUrl, NEW_URL: other.url, TMPDIR: work },
      );
      expect([restored.code, JSON.parse(restored.stdout)]).toMatchObject([
        0,
        { database: "moved", validated: true },
      ]);
      await sql(new URL("/moved", other.url).href, "select 1 / count(*) from courses");
      await expect(sql(new URL("/moved", postgres.url).href, "select 1")).rejects.toThrow(/does not exist/);
    } finally {
      await other.stop();
    }
  });
});

describe("a drill that is ended half-way", () => {
  async function startHalfWay(): Promise<{ running: Running; server: number; before: readonly string[] }> {
    // Slow enough to be met in the middle: an expectation that waits.
    const config = await declare({ expect: { waits: "select pg_sleep(50) is not null" } });
    await backUp(config);
    const before = await readdir(store, { recursive: true });
    const args = ["drill", "--config", config, "--work-dir", work];
    const running = startSeakeep(scratch, args, { DATABASE_URL: databaseUrl });
    const server = await until(
      "the scratch server to hold the restored database",
      async () => {
        const [folder] = await readdir(work);
        const data = join(work, folder!, "data");
        const databases = await readdir(join(data, "base"));
        const pid = Number((await readFile(join(data, "postmaster.pid"), "utf8")).split("\n")[0]);
        return databases.length > 3 && pid;
      },
      { within: 30_000 },
    );
    return { running, server, before };
  }

  it.each(["SIGINT", "SIGTERM"] as const)("by %s leaves no process, no folder, no report", async (signal) => {
    const { running, server, before } = await startHalfWay();
    running.child.kill(signal);
    expect(await running.ended).toEqual({ code: 130, signal: null });
    expect(isGone(server)).toBe(true);
    expect(await readdir(store, { recursive: true })).toEqual(before);
  });

  it("by kill -9 leaves none either, a moment later", async () => {
    const { running, server, before } = await startHalfWay();
    running.child.kill("SIGKILL");
    await running.ended;
    await until("the server to be gone", () => isGone(server), { within: 10_000 });
    await until("the folder to be gone", async () => (await readdir(work)).length === 0, { within: 10_000 });
    expect(await readdir(store, { recursive: true })).toEqual(before);
  });

  it("together with what clears up after it, is cleared up after by the next", async () => {
    const config = await declare();
    await backUp(config);
    // Of a process id that nobody can have, on this host: as a killed drill leaves it.
    const host = createHash("sha256").update(hostname()).digest("hex").slice(0, 8);
    await mkdir(join(work, `seakeep-drill-${host}-4194305-abcdef/data`), { recursive: true });
    expect(await drill(config)).toMatchObject({ code: 0 });
  });
});
