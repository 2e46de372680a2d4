import { chmod, mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Place, runUntilKilled } from "../rollback/killed.ts";
import {
  COMMAND,
  MIGRATE,
  makeTemplate,
  openWorld,
  type World,
  type WorldOptions,
} from "../rollback/world.ts";
import { type CommandResult, runCommand } from "../stack/commands.ts";
import { openScratch, type Scratch, startPostgres } from "../stack/index.ts";
import type { Postgres } from "../stack/postgres.ts";

let scratch: Scratch;
let postgres: Postgres;
const worlds: World[] = [];

beforeAll(async () => {
  scratch = await openScratch();
  postgres = await startPostgres(scratch);
  await makeTemplate(scratch, postgres);
});
afterAll(async () => {
  await Promise.all(worlds.map(({ platform }) => platform.close()));
  await scratch?.close();
});

async function world(options?: WorldOptions): Promise<World> {
  const opened = await openWorld(scratch, postgres, options);
  worlds.push(opened);
  return opened;
}

interface Advised {
  readonly decision: string;
  readonly rule: string;
  readonly fingerprint: string;
  readonly evidence: readonly { readonly question: string; readonly answer: string; readonly saw: string }[];
  readonly missing: readonly { readonly question: string }[];
  readonly steps: readonly {
    readonly kind: string;
    readonly shown: string;
    readonly losesData: boolean;
    readonly check: { readonly command: readonly string[] };
    readonly back: { readonly command?: readonly string[] };
  }[];
}
interface Ran {
  readonly outcome: string;
  readonly lost?: string;
  readonly record: string;
  readonly wayBack: readonly { readonly command?: readonly string[] }[];
}

function parsed<T>({
  code,
  stdout,
  stderr,
}: CommandResult): T & { code: number | undefined; stderr: string } {
  try {
    return { ...(JSON.parse(stdout) as T), code, stderr };
  } catch {
    throw new Error(`no JSON (exit ${code}): ${stdout}${stderr}`);
  }
}

const advise = async (of: World, ...args: readonly string[]) =>
  parsed<Advised>(await of.seakeep("rollback", "advise", "--json", ...args));
const run = async (of: World, ...args: readonly string[]) =>
  parsed<Ran>(await of.seakeep("rollback", "advise", "--run", "--json", ...args));

/** What a reader of the catalogue gets. */
const listing = async (of: World) => (await fetch(`${of.platform.url}/api/v1/courses/`)).status;

const FITS = { losesData: "no", oldCodeRuns: "yes", downRestores: "yes" };
const REVERSIBLE = { losesData: "no", oldCodeRuns: "no", downRestores: "yes" };
const RENAME = `-- Up Migration
alter table courses rename column summary to abstract;
-- Down Migration
alter table courses rename column abstract to summary;
`;
const RATINGS = `-- Up Migration
create table ratings (course_id uuid not null references courses (id), stars int not null);
-- Down Migration
drop table ratings;
`;
const WRITE = `insert into courses (owner_id, title, level)
  select id, 'written since', 'beginner' from users order by email limit 1`;

const RATE = "insert into ratings select id, 5 from courses order by id limit 3";
/** What the new version does wrong: titles are gone, and some courses with them. */
const DAMAGE = `update courses set title = '?' where level = 'beginner';
  delete from courses where level = 'advanced' and id not in (select course_id from ratings)`;

/** Deploys v2 with its migrations; answers the words that tell the advice about it. */
async function deployed(of: World): Promise<readonly string[]> {
  const [row] = await of.sql<{ now: Date }>("select clock_timestamp() as now");
  await of.migrate();
  await of.platform.deploy("v2");
  return ["--since", row!.now.toISOString(), "--from", "v2", "--to", "v1"];
}

describe("rollback advise", () => {
  it("waits, and changes nothing, when all is well; and does not call it well unseen", async () => {
    const of = await world();
    const before = await of.contents();
    const well = await advise(of, "--healthy", "--no-deploy");
    expect(well).toMatchObject({ code: 0, decision: "wait", rule: "healthy", steps: [] });
    expect((await run(of, "--healthy", "--no-deploy")).code).toBe(0);
    expect(await advise(of, "--no-deploy")).toMatchObject({ code: 3, rule: "service-unknown" });
    expect(await of.contents()).toEqual(before);
    expect(of.platform.current()).toBe("v1");
  });

  it("rolls the app back alone when the version before runs on the schema", async () => {
    const of = await world({ migrations: { "004_ratings": RATINGS }, proven: { "004_ratings": FITS } });
    const said = await deployed(of);
    await of.sql(WRITE);
    const before = await of.contents();
    expect(await listing(of)).toBe(500);
    const words = [...said, "--harmed", "--migrated-after", "003_tokens"];
    const advice = await advise(of, ...words);
    expect(advice).toMatchObject({ code: 1, decision: "roll-back-app", rule: "harmed-schema-fits" });
    const refused = parsed<{ error: { code: string; fix: string } }>(
      await of.seakeep("rollback", "advise", "--run", "--json", ...words),
    );
    expect(refused).toMatchObject({ code: 2, error: { code: "SK-ROLLBACK-003" } });
    expect(of.platform.current()).toBe("v2");
    const ran = await run(of, ...words, `--confirm=${advice.fingerprint}`);
    expect(ran, ran.stderr).toMatchObject({ code: 0, outcome: "done", record: "r000001" });
    expect(of.platform.current()).toBe("v1");
    expect(await listing(of)).toBe(200);
    expect(await of.contents()).toEqual(before);
    expect((await stat(of.state)).mode & 0o777).toBe(0o600);
  });

  it("takes the migration back first when the version before does not run on it, killed at every step", async () => {
    const of = await world({
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
    const { code, stderr, killed } = await runKilled(of, args, advice.steps.length);
    expect(code, stderr).toBe(0);
    expect(killed).toBeGreaterThanOrEqual(advice.steps.length);
    expect(of.platform.current()).toBe("v1");
    expect(await listing(of)).toBe(200);
    // All that was there before the deploy, and the record of the migration that is gone.
    expect(await of.contents()).toEqual(before);
  });

  it("restores damaged data at a loss that is counted, named and confirmed, killed at every step", async () => {
    const of = await world({ migrations: { "004_ratings": RATINGS } });
    const good = await of.contents();
    await proven(of);
    const said = await deployed(of);
    await of.sql(`${WRITE}; ${RATE}; ${DAMAGE}`);
    const damaged = await of.contents();
    const unhelped = await advise(of, ...said);
    expect(unhelped).toMatchObject({ code: 1, decision: "restore-database", rule: "damaged" });
    expect(unhelped.steps.map(({ kind }) => kind).join(" ")).toBe("hold copy beside swap app release look");
    const args = ["rollback", "advise", "--run", "--json", ...said, `--confirm=${unhelped.fingerprint}`];
    const first = await runKilled(of, args, 3);
    const refused = parsed<{ error: { code: string; fix: string } }>(first);
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
    const { code, stderr } = await runKilled(
      of,
      [...args, "--accept-loss", phrase],
      unhelped.steps.length,
      3,
    );
    expect(code, stderr).toBe(0);
    expect(await of.contents()).toEqual(good);
    expect(of.platform.current()).toBe("v1");
    await write(of);
    const kept = restored.replace("_from_", "_before_");
    expect(await of.contents(kept)).toEqual(damaged);
  });

  it("goes forward when taking the migration back would lose what was written since", async () => {
    const of = await world({
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
    const refused = parsed<{ error: { code: string; message: string } }>(
      await of.seakeep("rollback", "revert", "004_ratings", "--json"),
    );
    expect(refused).toMatchObject({ code: 2, error: { code: "SK-ROLLBACK-007" } });
    expect(refused.error.message).toContain("ratings, which holds something in 3 rows");
    const { fingerprint } = await advise(of, ...said, "--fix", "v3");
    expect(await run(of, ...said, "--fix", "v3", `--confirm=${fingerprint}`)).toMatchObject({
      code: 0,
      outcome: "done",
    });
    expect(of.platform.current()).toBe("v3");
    expect(await listing(of)).toBe(200);
    expect(await of.contents()).toEqual(before);
  });
});

describe("the commands of a plan", () => {
  it("restore the database as printed, and their ways back undo it", async () => {
    const of = await world();
    const good = await of.contents();
    await proven(of);
    const said = await deployed(of);
    await of.sql(`${WRITE}; update courses set title = '?'`);
    const damaged = await of.contents();
    const { steps, decision } = await advise(of, ...said);
    expect(decision).toBe("restore-database");
    for (const { shown } of steps) await type(of, shown);
    expect(await of.contents()).toEqual(good);
    expect(of.platform.current()).toBe("v1");
    for (const { back } of steps.toReversed()) if (back.command) await type(of, quote(back.command));
    expect(await of.contents()).toEqual(damaged);
    expect(of.platform.current()).toBe("v2");
    await write(of);
  });

  it("take migrations back with the project's own tool, and apply them again", async () => {
    const tool = JSON.stringify(MIGRATE);
    const migrate = (direction: string) =>
      `[process.execPath, ${tool}, "${direction}", "{count}", "-m", "migrations", "--migrations-table", "pgmigrations"]`;
    const of = await world({
      migrations: { "004_abstract": RENAME, "005_ratings": RATINGS },
      proven: { "004_abstract": REVERSIBLE, "005_ratings": FITS },
      rollback: `migrate: { down: ${migrate("down")}, up: ${migrate("up")} },`,
    });
    const before = await of.contents();
    const said = [...(await deployed(of)), "--harmed", "--migrated-after", "003_tokens"];
    const { steps } = await advise(of, ...said);
    expect(steps.map(({ kind }) => kind)).toEqual(["copy", "revert", "revert", "app", "look"]);
    for (const { shown, check } of steps) {
      await type(of, shown);
      await type(of, quote(check.command));
    }
    expect(await of.contents()).toEqual(before);
    expect(of.platform.current()).toBe("v1");
    for (const { back } of steps.toReversed()) if (back.command) await type(of, quote(back.command));
    expect(Object.keys(await of.contents())).toContain("ratings");
    expect(of.platform.current()).toBe("v2");
  });
});

describe("a run", () => {
  it("stops when somebody migrates meanwhile, and says the way back", async () => {
    const of = await world({ migrations: { "004_ratings": RATINGS }, proven: { "004_ratings": FITS } });
    const said = [...(await deployed(of)), "--harmed", "--migrated-after", "003_tokens"];
    const { fingerprint } = await advise(of, ...said);
    const args = ["rollback", "advise", "--run", ...said, `--confirm=${fingerprint}`];
    const { killed } = await runUntilKilled(scratch, of, args, [{ step: 0, at: "within" }]);
    expect(killed).toBeDefined();
    await of.sql("insert into pgmigrations (name, run_on) values ('005_other', now())");
    const stopped = parsed<{ error: { code: string; message: string } }>(await of.seakeep(...args, "--json"));
    expect(stopped).toMatchObject({ code: 3, error: { code: "SK-ROLLBACK-004" } });
    expect(stopped.error.message).toContain("005_other");
    const ended = await run(of, "--abort");
    expect(ended).toMatchObject({ code: 1, outcome: "aborted" });
    expect(ended.wayBack.map(({ command }) => command?.at(-1))).toEqual(["v2"]);
    expect((await run(of, "--abort")).code).toBe(2);
  });

  it("refuses versions that would be more than a word", async () => {
    const of = await world();
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

/** A backup of the world as it is, restored once and so proven. */
async function proven(of: World): Promise<void> {
  const made = await of.seakeep("backup", "create");
  expect(made.code, made.stderr).toBe(0);
  const restored = await of.seakeep("restore", "latest", "--into", `${of.database}_proof`);
  expect(restored.code, restored.stderr).toBe(0);
  await of.sql(`drop database ${of.database}_proof`, "postgres");
}

/** Writes as the application does: on a new connection that asks for nothing. */
const write = (of: World) => of.sql("update courses set updated_at = updated_at where false");

/** Rows of one database that the other does not have, equal ones counted one by one: by other means than the command's. */
async function rowsOnlyIn(of: World, one: string, other: string): Promise<number> {
  const rows = async (database: string) => {
    const texts: string[] = [];
    for (const table of Object.keys(await of.contents(database))) {
      const found = await of.sql<object>(`select * from ${table}`, database);
      texts.push(...found.map((row) => JSON.stringify([table, row])));
    }
    return texts;
  };
  const there = await rows(other);
  return (await rows(one)).filter((text) => {
    const index = there.indexOf(text);
    if (index >= 0) there.splice(index, 1);
    return index < 0;
  }).length;
}

/** Runs a plan and kills it within each step from `from` on, and goes on; with ROLLBACK_KILLS=all after each too. */
async function runKilled(of: World, args: readonly string[], steps: number, from = 0) {
  const within = Array.from(
    { length: steps - from },
    (_, index) => ({ step: from + index, at: "within" }) as const,
  );
  const all = process.env.ROLLBACK_KILLS === "all";
  let places: readonly Place[] = within.flatMap((place) =>
    all ? [place, { ...place, at: "after" } as const] : [place],
  );
  for (let killed = 0; ; killed++) {
    const result = await runUntilKilled(scratch, of, args, places);
    if (result.killed === undefined) return { ...result, killed };
    const { step, at } = result.killed;
    places = places.filter(
      (place) => place.step > step || (place.step === step && at === "within" && place.at === "after"),
    );
  }
}

/** Runs a line as a shell does for whoever copies it. */
async function type(of: World, line: string): Promise<void> {
  const bin = join(of.folder, "bin");
  await mkdir(bin, { recursive: true });
  await writeFile(join(bin, "seakeep"), `#!/bin/sh\nexec '${process.execPath}' '${COMMAND}' "$@"\n`);
  await chmod(join(bin, "seakeep"), 0o755);
  const env = { ...of.env, PATH: `${bin}:${process.env.PATH}` };
  const { code, stdout, stderr } = await runCommand(scratch, {
    ...{ command: "/bin/sh", args: ["-c", line], env, cwd: of.folder },
  });
  expect(code, `${line}\n${stdout}${stderr}`).toBe(0);
}

const quote = (words: readonly string[]) =>
  words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
