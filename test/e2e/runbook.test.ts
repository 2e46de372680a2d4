import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  advise,
  DAMAGE,
  deployed,
  listing,
  openWorlds,
  proven,
  RATINGS,
  REVERSIBLE,
  type Worlds,
  WRITE,
} from "../rollback/help.ts";
import type { World } from "../rollback/world.ts";

// Whoever is paged has the page and a shell. So the page is generated, and typed as it stands: each command, then its check, and
// in the end its ways back, on a real Postgres and two versions of the courses API.
let worlds: Worlds;

/** Many starts of a program in one test: a busy machine may take its time. */
const PATIENTLY = { timeout: 300_000 };

beforeAll(async () => {
  worlds = await openWorlds();
});
afterAll(() => worlds?.close());

interface PageStep {
  readonly command: string;
  readonly check: string;
  readonly back?: string | undefined;
}

const STEP =
  /^\d+\. .*\n\n {3}```sh\n {3}(.*)\n {3}```\n\n {3}Check: `([^`]*)`\. .*Way back: [^`\n]*(?:`([^`]*)`)?$/gm;

/** The steps of a decision, with the words in capitals filled in. */
function stepsOf(page: string, decision: string, words: Readonly<Record<string, string>>): PageStep[] {
  const section = page.split(`\n### ${decision}\n`)[1]?.split("\n### ")[0] ?? "";
  const fill = (line: string) =>
    Object.entries(words).reduce((filled, [word, value]) => filled.replaceAll(word, value), line);
  const steps = [...section.matchAll(STEP)].map(([, command = "", check = "", back]) => ({
    command: fill(command),
    check: fill(check),
    back: back === undefined ? undefined : fill(back),
  }));
  expect(steps).toHaveLength(section.match(/^\d+\. /gm)?.length ?? 0);
  return steps;
}

async function typeAll(of: World, steps: readonly PageStep[]): Promise<void> {
  expect(steps.length).toBeGreaterThan(0);
  for (const { command, check } of steps) {
    await worlds.type(of, command);
    await worlds.type(of, check);
  }
}

async function typeBack(of: World, steps: readonly PageStep[]): Promise<void> {
  for (const { back } of steps.toReversed()) if (back !== undefined) await worlds.type(of, back);
}

const VERSIONS = { PREVIOUS: "v1", CURRENT: "v2", FIX: "v3", MIGRATION: "004_ratings" };
const MIGRATED = { migrations: { "004_ratings": RATINGS }, proven: { "004_ratings": REVERSIBLE } };

async function pageOf(of: World): Promise<string> {
  await worlds.type(of, "seakeep generate");
  return await readFile(join(of.folder, "generated/docs/rollback.md"), "utf8");
}

/** What the database holds, but for the times at which its migrations were applied. */
async function tablesOf(of: World): Promise<Readonly<Record<string, string>>> {
  const { pgmigrations: _, ...tables } = await of.contents();
  return tables;
}

it.each([
  ["roll-back-app", "v1"],
  ["roll-forward", "v3"],
  ["revert-migration-then-app", "v1"],
])("%s, as printed, and back", PATIENTLY, async (decision, runs) => {
  const of = await worlds.open(MIGRATED);
  await deployed(of);
  await of.sql(WRITE);
  const before = await tablesOf(of);
  const steps = stepsOf(await pageOf(of), decision, VERSIONS);
  expect(await listing(of)).toBe(500);
  await typeAll(of, steps);
  expect(of.platform.current()).toBe(runs);
  expect(await listing(of)).toBe(200);
  const { ratings, ...others } = before;
  expect(await tablesOf(of)).toEqual(decision.startsWith("revert") ? others : before);
  await typeBack(of, steps);
  expect(of.platform.current()).toBe("v2");
  expect(await tablesOf(of)).toEqual({ ...others, ratings });
});

it("restore-database, as printed, and back", PATIENTLY, async () => {
  const of = await worlds.open(MIGRATED);
  const good = await of.contents();
  await proven(of);
  const said = await deployed(of);
  await of.sql(`${WRITE}; ${DAMAGE}`);
  const damaged = await of.contents();
  const advice = await advise(of, ...said);
  expect(advice.decision).toBe("restore-database");
  const swap = advice.steps.find(({ kind }) => kind === "swap")?.shown ?? "";
  const [, id = "", into = "", database = "", fingerprint = ""] =
    /restore (\S+) --swap --into (\S+) --confirm=([^@]+)@(\S+)$/.exec(swap) ?? [];
  const steps = stepsOf(await pageOf(of), "restore-database", {
    ...{ ...VERSIONS, DATABASE_from_ID: into, DATABASE: database, FINGERPRINT: fingerprint },
    // Last: another word ends in it.
    ID: id,
  });
  expect(steps.map(({ command }) => command)).toEqual(advice.steps.map(({ shown }) => shown));
  await typeAll(of, steps);
  expect(await of.contents()).toEqual(good);
  expect(of.platform.current()).toBe("v1");
  await typeBack(of, steps);
  expect(await of.contents()).toEqual(damaged);
  expect(of.platform.current()).toBe("v2");
});
