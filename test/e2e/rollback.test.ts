import { stat } from "node:fs/promises";
import { knex, nodePgMigrate, sqlFiles } from "seakeep";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  advise,
  DAMAGE,
  deployed,
  type Failed,
  FITS,
  listing,
  openWorlds,
  parsed,
  places,
  proven,
  quote,
  RATE,
  RATINGS,
  RENAME,
  REVERSIBLE,
  rowsOnlyIn,
  run,
  type Worlds,
  WRITE,
  write,
} from "../rollback/help.ts";

let worlds: Worlds;

beforeAll(async () => {
  worlds = await openWorlds();
});
afterAll(() => worlds?.close());

/** A run is killed within its steps; by script/rollback within and after each. */
const EVERYWHERE = process.env.ROLLBACK === "everywhere";

/** Many starts of a program in one test: a busy machine may take its time. */
const PATIENTLY = { timeout: 300_000 };

describe("rollback advise --run", PATIENTLY, () => {
  it("rolls the app back alone when the version before runs on the schema", async () => {
    const of = await worlds.open({ migrations: { "004_ratings": RATINGS }, proven: { "004_ratings": FITS } });
    const said = await deployed(of);
    await of.sql(WRITE);
    const before = await of.contents();
    expect(await listing(of)).toBe(500);
    const words = [...said, "--harmed", "--migrated-after", "003_tokens"];
    const advice = await advise(of, ...words);
    expect(advice).toMatchObject({ code: 1, decision: "roll-back-app", rule: "harmed-schema-fits" });
    const refused = parsed<Failed>(await of.seakeep("rollback", "advise", "--run", "--json", ...words));
    expect(refused).toMatchObject({ code: 2, error: { code: "SK-ROLLBACK-003" } });
    expect(of.platform.current()).toBe("v2");
    const ran = await run(of, ...words, `--confirm=${advice.fingerprint}`);
    expect(ran, ran.stderr).toMatchObject({ code: 0, outcome: "done", record: { name: "r000001" } });
    expect(of.platform.current()).toBe("v1");
    expect(await listing(of)).toBe(200);
    expect(await of.contents()).toEqual(before);
    expect((await stat(of.state)).mode & 0o777).toBe(0o600);
  });

  it("takes the migration back first when the version before does not run on it, killed at every step", async () => {
    const of = await worlds.open({
      migrations: { "004_abstract": RENAME },
      proven: { "004_abstract": REVERSIBLE },
      versions: { v1: "good", v2: "good" },
    });
    await of.sql(WRITE);
    const before = await of.contents();
    const said = [...(await deployed(of)), "--harmed", "--migrated-after", "003_tokens"];
    expect(await listing(of)).toBe(500);
    const advice = await advise(of, ...said);
    expect(advice).toMatchObject({
      code: 1,
      decision: "revert-migration-then-app",
      rule: "harmed-down-lossless",
    });
    const args = ["rollback", "advise", "--run", ...said, `--confirm=${advice.fingerprint}`];
    const all = EVERYWHERE ? places(0, advice.steps.length, true) : places(0, 2);
    const { code, stderr, killed } = await worlds.runKilled(of, args, all);
    expect(code, stderr).toBe(0);
    expect(killed).toBeGreaterThanOrEqual(2);
    expect(of.platform.current()).toBe("v1");
    expect(await listing(of)).toBe(200);
    // All that was there before the deploy, and the record of the migration that is gone.
    expect(await of.contents()).toEqual(before);
  });

  it("restores damaged data at a loss that is counted, named and confirmed, and its ways back bring all back", async () => {
    const of = await worlds.open({ migrations: { "004_ratings": RATINGS } });
    const good = await of.contents();
    await proven(of);
    const said = await deployed(of);
    await of.sql(`${WRITE}; ${RATE}; ${DAMAGE}`);
    const damaged = await of.contents();
    const unhelped = await advise(of, ...said);
    expect(unhelped).toMatchObject({ code: 1, decision: "restore-database", rule: "damaged" });
    expect(unhelped.steps.map(({ kind }) => kind).join(" ")).toBe("hold copy beside swap app release look");
    const args = ["rollback", "advise", "--run", "--json", ...said, `--confirm=${unhelped.fingerprint}`];
    const first = await worlds.runKilled(of, args, EVERYWHERE ? places(0, 3, true) : []);
    const refused = parsed<Failed>(first);
    expect(refused, first.stderr).toMatchObject({ code: 2, error: { code: "SK-ROLLBACK-003" } });
    expect(await of.contents()).toEqual(damaged);
    await expect(write(of)).rejects.toThrow("read-only transaction");

    const phrase = /lose \d+ rows and [0-9hms ]+ of \w+/.exec(refused.error.fix)?.[0] ?? "";
    const restored = (await of.sql<{ datname: string }>("select datname from pg_database")).find(
      ({ datname }) => datname.startsWith(`${of.database}_from_`),
    )!.datname;
    expect(phrase).toMatch(
      new RegExp(`^lose ${await rowsOnlyIn(of, of.database, restored)} rows and .* of ${of.database}$`),
    );

    const wrong = await run(
      of,
      `--confirm=${unhelped.fingerprint}`,
      "--accept-loss",
      `${phrase} `.replace("rows", "row"),
    );
    expect(wrong.code).toBe(2);
    const { code, stderr } = await worlds.runKilled(
      of,
      [...args, "--accept-loss", phrase],
      EVERYWHERE ? places(3, 7, true) : places(3, 4),
    );
    expect(code, stderr).toBe(0);
    expect(await of.contents()).toEqual(good);
    expect(of.platform.current()).toBe("v1");
    const kept = restored.replace("_from_", "_before_");
    expect(await of.contents(kept)).toEqual(damaged);
    for (const { back } of unhelped.steps.toReversed())
      if (back.command) await worlds.type(of, quote(back.command));
    expect(await of.contents()).toEqual(damaged);
    expect(of.platform.current()).toBe("v2");
  });
});

describe("a record of migrations", () => {
  it.each([
    [
      "node-pg-migrate",
      nodePgMigrate("sql"),
      "create table pgmigrations (id serial, name text, run_on timestamptz not null)",
    ],
    [
      "knex",
      knex("sql"),
      "create table knex_migrations (id serial, name text, batch int, migration_time timestamptz)",
    ],
    [
      "dbmate",
      sqlFiles("sql", { record: "dbmate" }),
      "create table schema_migrations (version text primary key)",
    ],
    [
      "goose",
      sqlFiles("sql", { record: "goose" }),
      "create table goose_db_version (id serial, version_id bigint, is_applied bool, tstamp timestamp default now())",
    ],
    [
      "a table of one's own",
      sqlFiles("sql", { record: { table: "done", column: "file" } }),
      "create table done (file text primary key)",
    ],
  ])("of %s forgets a migration, and remembers it", async (_, kind, record) => {
    expect(await worlds.recorded(kind, record)).toEqual([["001_a", "002_b"], ["001_a"], ["001_a", "002_b"]]);
  });
});
