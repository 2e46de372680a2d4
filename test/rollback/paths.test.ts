import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  advise,
  deployed,
  type Failed,
  FITS,
  listing,
  openWorlds,
  parsed,
  proven,
  quote,
  RATE,
  RATINGS,
  RENAME,
  REVERSIBLE,
  release,
  run,
  visited,
  type Worlds,
  WRITE,
  write,
} from "./help.ts";
import { runUntilKilled } from "./killed.ts";
import { MIGRATE } from "./world.ts";

let worlds: Worlds;

beforeAll(async () => {
  worlds = await openWorlds();
});
afterAll(() => worlds?.close());

describe("rollback advise", () => {
  it("waits, and changes nothing, when all is well; and does not call it well unseen", async () => {
    const of = await worlds.open();
    const before = await of.contents();
    const well = await advise(of, "--healthy", "--no-deploy");
    expect(well).toMatchObject({ code: 0, decision: "wait", rule: "healthy", steps: [] });
    expect((await run(of, "--healthy", "--no-deploy")).code).toBe(0);
    expect(await advise(of, "--no-deploy")).toMatchObject({ code: 3, rule: "service-unknown" });
    expect(await of.contents()).toEqual(before);
    expect(of.platform.current()).toBe("v1");
  });

  it("goes forward when taking the migration back would lose what was written since", async () => {
    const of = await worlds.open({
      migrations: { "004_ratings": RATINGS },
      proven: { "004_ratings": REVERSIBLE },
    });
    const said = [...(await deployed(of)), "--harmed", "--migrated-after", "003_tokens"];
    expect((await advise(of, ...said)).rule).toBe("harmed-down-lossless");
    await of.sql(RATE);
    const before = await of.contents();
    const advice = await advise(of, ...said);
    expect(advice).toMatchObject({ code: 1, decision: "roll-forward", rule: "harmed-down-loses", steps: [] });
    expect((await run(of, ...said)).code).toBe(1);
    const refused = parsed<Failed>(await of.seakeep("rollback", "revert", "004_ratings", "--json"));
    expect(refused).toMatchObject({ code: 2, error: { code: "SK-ROLLBACK-007" } });
    expect(refused.error.message).toContain("ratings, which holds something in 3 rows");
    const { fingerprint } = await advise(of, ...said, "--fix", "v3");
    const ran = await run(of, ...said, "--fix", "v3", `--confirm=${fingerprint}`);
    expect(ran, ran.stderr).toMatchObject({ code: 0, outcome: "done" });
    expect(of.platform.current()).toBe("v3");
    expect(await listing(of)).toBe(200);
    expect(await of.contents()).toEqual(before);
  });

  it("refuses versions that would be more than a word", async () => {
    const of = await worlds.open();
    for (const to of ["--image=evil", "v1;id", "../v1", "$(id)"]) {
      const refused = await of.seakeep(
        "rollback",
        "advise",
        "--harmed",
        "--since",
        "00:00",
        `--to=${to}`,
        "--json",
      );
      expect(refused.code, to).toBe(2);
      expect(refused.stdout).toContain("SK-ROLLBACK-001");
    }
  });
});

describe("the evidence", () => {
  it("is seen by the configured signals and the records of releases", async () => {
    const of = await worlds.open({
      ops: `signals: embedded({ path: read("SIGNALS") }), prometheus: { scrapeInterval: "1s" },`,
    });
    await release(of, "v1");
    await proven(of);
    const watching = worlds.start(of, ["signals", "scrape"]);
    await visited(of, 4);
    await release(of, "v2");
    await of.migrate();
    await of.platform.deploy("v2");
    await visited(of, 5);
    const advice = await advise(of);
    await watching.stop();
    expect(advice).toMatchObject({ code: 1, decision: "roll-back-app", rule: "harmed-schema-unchanged" });
    const saw = Object.fromEntries(advice.evidence.map((one) => [one.question, one.saw]));
    expect(saw.service).toMatch(/^errors: \d+ of \d+ bad in the last minutes$/);
    expect(saw.deploy).toMatch(/^v2 at .*, by the record of releases$/);
    expect(saw.previous).toBe("v1, and it is there");
    expect(saw.schema).toBe("no migration was applied in between");
  });
});

describe("the proofs of seakeep migrations prove", () => {
  it("decide what may be taken back, and what need not be", async () => {
    const of = await worlds.open({
      migrations: { "004_abstract": RENAME, "005_ratings": RATINGS },
      versions: { v1: "good", v2: "good" },
    });
    const before = await of.contents();
    await proven(of);
    await of.seakeep("migrations", "prove");
    const said = [...(await deployed(of)), "--harmed", "--migrated-after", "003_tokens"];
    const advice = await advise(of, ...said);
    expect(advice, JSON.stringify(advice.evidence)).toMatchObject({ rule: "harmed-down-lossless" });
    expect(await run(of, ...said, `--confirm=${advice.fingerprint}`)).toMatchObject({
      code: 0,
      outcome: "done",
    });
    expect(await of.contents()).toEqual(before);
    expect(await listing(of)).toBe(200);
  });
});

describe("the commands of a plan", () => {
  it("restore the database as printed, and their ways back undo it", async () => {
    const of = await worlds.open();
    const good = await of.contents();
    await proven(of);
    const said = await deployed(of);
    await of.sql(`${WRITE}; update courses set title = '?'`);
    const damaged = await of.contents();
    const { steps, decision } = await advise(of, ...said);
    expect(decision).toBe("restore-database");
    for (const { shown } of steps) await worlds.type(of, shown);
    expect(await of.contents()).toEqual(good);
    expect(of.platform.current()).toBe("v1");
    for (const { back } of steps.toReversed()) if (back.command) await worlds.type(of, quote(back.command));
    expect(await of.contents()).toEqual(damaged);
    expect(of.platform.current()).toBe("v2");
    await write(of);
  });

  it("take migrations back with the project's own tool, and apply them again", async () => {
    const tool = JSON.stringify(MIGRATE);
    const migrate = (direction: string) =>
      `[process.execPath, ${tool}, "${direction}", "{count}", "-m", "migrations", "--migrations-table", "pgmigrations"]`;
    const of = await worlds.open({
      migrations: { "004_abstract": RENAME, "005_ratings": RATINGS },
      proven: { "004_abstract": REVERSIBLE, "005_ratings": FITS },
      rollback: `migrate: { down: ${migrate("down")}, up: ${migrate("up")} },`,
    });
    const before = await of.contents();
    const said = [...(await deployed(of)), "--harmed", "--migrated-after", "003_tokens"];
    const { steps } = await advise(of, ...said);
    expect(steps.map(({ kind }) => kind)).toEqual(["copy", "revert", "revert", "app", "look"]);
    for (const { shown, check } of steps) {
      await worlds.type(of, shown);
      await worlds.type(of, quote(check.command));
    }
    expect(await of.contents()).toEqual(before);
    expect(of.platform.current()).toBe("v1");
    for (const { back } of steps.toReversed()) if (back.command) await worlds.type(of, quote(back.command));
    expect(Object.keys(await of.contents())).toContain("ratings");
    expect(of.platform.current()).toBe("v2");
  });
});

describe("a run", () => {
  it("stops when somebody migrates meanwhile, and says the way back", async () => {
    const of = await worlds.open({ migrations: { "004_ratings": RATINGS }, proven: { "004_ratings": FITS } });
    const said = [...(await deployed(of)), "--harmed", "--migrated-after", "003_tokens"];
    const { fingerprint } = await advise(of, ...said);
    const args = ["rollback", "advise", "--run", ...said, `--confirm=${fingerprint}`];
    const { killed } = await runUntilKilled(of.scratch, of, args, [{ step: 0, at: "within" }]);
    expect(killed).toBeDefined();
    await of.sql("insert into pgmigrations (name, run_on) values ('005_other', now())");
    const stopped = parsed<Failed>(await of.seakeep(...args, "--json"));
    expect(stopped).toMatchObject({ code: 3, error: { code: "SK-ROLLBACK-004" } });
    expect(stopped.error.message).toContain("005_other");
    const other = parsed<Failed>(
      await of.seakeep("rollback", "advise", "--run", "--json", "--harmed", "--to", "v3"),
    );
    expect(other).toMatchObject({ code: 2, error: { code: "SK-ROLLBACK-008" } });
    expect(other.error.message).toContain('asked for with "v1" where this says "v3"');
    const ended = await run(of, "--abort");
    expect(ended).toMatchObject({ code: 1, outcome: "aborted" });
    expect(ended.wayBack.map(({ command }) => command?.at(-1))).toEqual(["v2"]);
    expect((await run(of, "--abort")).code).toBe(2);
  });
});
