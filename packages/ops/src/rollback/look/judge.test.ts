import { describe, expect, it } from "vitest";
import type { BackupEntry } from "../../backup/catalog.ts";
import type { Chain } from "../../backup/chain.ts";
import type { Migration } from "../../migrations/migration.ts";
import type { ProvenMigration } from "../../migrations/proof.ts";
import type { ReleaseRecord } from "../../release/record/record.ts";
import { chooseFrom, judgeBackup } from "./backup.ts";
import { judgeData } from "./data.ts";
import { believed, lastDeploy } from "./deploys.ts";
import { type Between, judgeDown, judgeSchema } from "./migrations.ts";
import { judgeService, type SloSince } from "./service.ts";
import { judgeDeploy, lookAtPrevious } from "./versions.ts";

describe("the service", () => {
  const slo = { name: "errors", budget: 0.01, minimumBadEvents: 5 };
  const count = (bad: number, total: number, coverage = 1) => ({ bad, total, coverage });
  const judge = (since: SloSince["since"], now: SloSince["now"] = since, pages: string[] = []) =>
    judgeService([{ slo, since, now }], pages, "1h").answer;
  it.each([
    ["healthy", judge(count(0, 1000))],
    ["healthy, with a few errors by bad luck", judge(count(4, 10), count(4, 10))],
    ["harmed", judge(count(50, 1000))],
    ["harmed, though most of it was not seen", judge(count(50, 1000, 0.1))],
    ["harmed, by a page alone", judge(count(0, 1000), undefined, ["ErrorBudgetBurn"])],
    ["recovered", judge(count(50, 1000), count(0, 100))],
    ["unknown, without data", judge(undefined)],
    ["unknown, seen for a tenth of the time", judge(count(0, 1000, 0.1))],
    ["unknown, gone in the last minutes", judge(count(0, 1000), count(0, 0, 0))],
    ["unknown, hardly seen in the last minutes", judge(count(50, 1000), count(0, 9, 0.1))],
    ["unknown, without traffic", judge(count(0, 0))],
  ])("is %s", (expected, answer) => {
    expect(answer).toBe(expected.split(",")[0]);
  });

  it("is not called well by one SLO while another cannot be seen", () => {
    const seen = { slo, since: count(0, 1000), now: count(0, 10) };
    const unseen = { slo: { ...slo, name: "latency" }, since: undefined, now: undefined };
    expect(judgeService([seen, unseen], [], "1h")).toEqual({
      answer: "unknown",
      saw: "there is too little data of latency",
    });
    const burning = { slo, since: count(50, 100), now: count(50, 100) };
    expect(judgeService([burning, unseen], [], "1h").answer).toBe("harmed");
  });
});

describe("the data", () => {
  const held = { name: "owned", passed: true };
  const failed = (problem: string) => ({ name: "titled", passed: false, problem });
  it("is damaged only by what answered false, and sound only when all hold", () => {
    expect(judgeData([held]).answer).toBe("sound");
    expect(judgeData([held, failed("it answered false")])).toEqual({
      answer: "damaged",
      saw: "no longer so: titled",
    });
    expect(judgeData([held, failed("it raised an error: no such column")]).answer).toBe("unknown");
    expect(judgeData([failed("it answered null"), failed("it answered false")]).answer).toBe("damaged");
    expect(judgeData([]).answer).toBe("unknown");
  });
});

describe("the migrations in between", () => {
  const up = { file: "m.sql", text: "" };
  const migration: Migration = { name: "m", up, down: up, transaction: true };
  const between = (oldCodeRuns: string, downRestores: string, rest: Partial<Between> = {}): Between => ({
    ...{ name: "m", migration, held: [] },
    proof: { facts: { losesData: "no", oldCodeRuns, downRestores } } as ProvenMigration,
    ...rest,
  });
  const unproven: Between = { name: "n", migration, held: [] };
  it("leave the schema fit only when every one is proven to", () => {
    expect(judgeSchema([]).answer).toBe("unchanged");
    expect(judgeSchema([between("yes", "no")]).answer).toBe("fits");
    expect(judgeSchema([between("yes", "yes"), between("unknown", "yes")]).answer).toBe("unknown");
    expect(judgeSchema([between("yes", "yes"), unproven]).answer).toBe("unknown");
    expect(judgeSchema([unproven, between("no", "yes")]).answer).toBe("breaks");
  });

  it("can be taken back only when every one can, and loses what the downs drop", () => {
    const held = (rows: number): Partial<Between> => ({ held: [{ what: "courses.rating", rows }] });
    expect(judgeDown([between("no", "yes", held(0))]).answer).toBe("lossless");
    expect(judgeDown([between("no", "yes", held(2)), between("no", "yes")])).toEqual({
      answer: "loses",
      saw: "courses.rating, which holds something in 2 rows",
    });
    expect(judgeDown([between("no", "yes"), unproven]).answer).toBe("unknown");
    expect(judgeDown([{ name: "m", migration, proof: between("no", "yes").proof! }]).answer).toBe("unknown");
    expect(judgeDown([unproven, between("no", "no")]).answer).toBe("impossible");
    expect(judgeDown([{ name: "m", migration: { name: "m", up, transaction: true } }]).answer).toBe(
      "impossible",
    );
    // Its file is gone: nothing is known of it.
    expect(judgeDown([{ name: "m" }]).answer).toBe("unknown");
  });
});

describe("the backup", () => {
  const entry = (id: string, at: string, rest: object = {}) =>
    ({
      ...{ id, state: "proven" },
      manifest: { snapshotAt: at, database: { system: "7", name: "shop" } },
      ...rest,
    }) as BackupEntry;
  const of = { before: new Date("2026-11-23T09:00:00Z"), system: "7", database: "shop" };
  it("is the newest sound one of this database from before", () => {
    const old = entry("b1", "2026-11-22T00:00:00Z");
    const later = entry("b9", "2026-11-23T10:00:00Z");
    const other = {
      manifest: { snapshotAt: "2026-11-23T01:00:00Z", database: { system: "8", name: "shop" } },
    };
    expect(chooseFrom([old, later], of)?.id).toBe("b1");
    expect(chooseFrom([old, entry("b2", "2026-11-23T01:00:00Z", { state: "damaged" }), later], of)?.id).toBe(
      "b1",
    );
    expect(chooseFrom([entry("b2", "", other)], of)).toBeUndefined();
  });

  it("counts as proven only when it was restored", () => {
    expect(judgeBackup(entry("b1", "", { proof: { at: "2026-11-22" } }), "3h", "then").answer).toBe("proven");
    expect(judgeBackup(entry("b1", "", { state: "complete" }), "3h", "then").answer).toBe("unproven");
    expect(judgeBackup(undefined, "", "then").answer).toBe("none");
  });
});

describe("the deploy", () => {
  const now = new Date("2026-11-23T12:00:00Z");
  const records = (
    ...list: readonly (readonly [at: string, kind: string, version: string, rest?: object])[]
  ) =>
    ({
      problems: [],
      links: list.map(([at, kind, version, rest = {}]) => ({
        document: { at, service: "shop", version, decision: "ship", evidence: { kind, ...rest }, ...rest },
      })),
    }) as unknown as Chain<ReleaseRecord>;
  it("is the last change of version that was recorded", () => {
    const chain = records(
      ["2026-11-22T09:00:00Z", "release check", "v1"],
      ["2026-11-23T09:00:00Z", "release check", "v2"],
      ["2026-11-23T09:30:00Z", "release verify", "v2"],
      ["2026-11-23T10:00:00Z", "release check", "v3", { decision: "do not ship" }],
    );
    const last = lastDeploy(chain);
    expect(last).toEqual({ version: "v2", before: "v1", at: new Date("2026-11-23T09:00:00Z") });
    expect(judgeDeploy({}, last, now).answer).toBe("made");
    expect(judgeDeploy({}, last, new Date("2026-11-25T12:00:00Z")).answer).toBe("none");
    expect(judgeDeploy({ noDeploy: true }, last, now).answer).toBe("none");
    const back = records(
      ["2026-11-23T09:00:00Z", "release check", "v2"],
      ["2026-11-23T11:00:00Z", "rollback run", "v1", { outcome: "done" }],
    );
    expect(lastDeploy(back)).toMatchObject({ version: "v1", before: "v2" });
  });

  it("is told by those alone whose signatures count, where keys are declared, and never by another service", () => {
    const chain = records(
      ["2026-11-23T08:00:00Z", "release check", "v1"],
      ["2026-11-23T09:00:00Z", "release check", "v2"],
      ["2026-11-23T09:30:00Z", "release check", "planted"],
    );
    const signer = { id: "k", signed: ({ version }: ReleaseRecord) => version !== "planted" };
    const told = (service: string, ...signers: (typeof signer)[]) =>
      lastDeploy(believed(chain, service, signers));
    expect(told("shop", signer)).toMatchObject({ version: "v2", before: "v1" });
    expect(told("shop")).toMatchObject({ version: "planted" });
    expect(told("blog")).toContain("is of another service");
  });

  it("is unknown without a record, and by records that do not hang together", () => {
    expect(judgeDeploy({}, lastDeploy(records()), now).answer).toBe("unknown");
    const broken = {
      ...records(["2026-11-23T09:00:00Z", "release check", "v2"]),
      problems: ["r000001 is missing"],
    };
    expect(judgeDeploy({}, lastDeploy(broken), now).answer).toBe("unknown");
    expect(judgeDeploy({ since: now }, lastDeploy(broken), now).answer).toBe("made");
  });
});

describe("the version before", () => {
  const look = (app: object | undefined, code: number | null, previous: string | undefined = "v1") =>
    lookAtPrevious({ ops: { rollback: { app } } as never, run: async () => code }, previous, "v2");
  it("is there, is gone, or cannot be told", async () => {
    const app = { command: ["deploy"], available: ["has", "{previous}"] };
    expect((await look(app, 0)).answer).toBe("known");
    expect((await look(app, 1)).answer).toBe("gone");
    expect((await look(app, 7)).answer).toBe("unknown");
    expect((await look(app, null)).answer).toBe("unknown");
    expect((await look({ command: ["deploy"] }, 1)).answer).toBe("known");
    expect((await look(undefined, 0)).answer).toBe("gone");
    const unnamed = await lookAtPrevious(
      { ops: { rollback: { app } } as never, run: async () => 0 },
      undefined,
      undefined,
    );
    expect(unnamed.answer).toBe("unknown");
    await expect(look(app, 0, "-rf")).rejects.toThrow("SK-ROLLBACK-001");
  });
});
