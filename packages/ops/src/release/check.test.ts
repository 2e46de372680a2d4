import { SeakeepError } from "@seakeep/contract";
import { describe, expect, it } from "vitest";
import { secret } from "../config/values.ts";
import { actor } from "./actor.ts";
import { checkRelease, type ReleaseCheck } from "./check.ts";
import { checkText } from "./check-text.ts";
import { type Exceptions, parseExceptions } from "./decision.ts";
import { GATE_NOW, HEALTHY, opsOf } from "./gates/cases.testkit.ts";
import type { Facts } from "./gates/facts.ts";
import type { Gate } from "./gates/gate.ts";
import { GATES } from "./gates/index.ts";
import { parseVersion } from "./version.ts";

interface Given {
  readonly gates?: readonly Gate[];
  readonly facts?: Partial<Facts>;
  readonly exceptions?: Partial<Exceptions>;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

function check(given: Given = {}): Promise<ReleaseCheck> {
  const { gates = GATES, facts = {}, exceptions = {}, timeoutMs = 5000 } = given;
  const none = { standing: {}, waive: new Map(), override: new Map(), by: { name: "ada", from: "user" } };
  return checkRelease(
    gates,
    { ops: opsOf(), facts: { ...HEALTHY, ...facts } },
    {
      exceptions: { ...none, ...exceptions },
      ...{ timeoutMs, tool: "seakeep test", signal: given.signal ?? new AbortController().signal },
    },
    { date: () => GATE_NOW, now: () => 0 },
  );
}

const verdicts = ({ gates }: ReleaseCheck): Record<string, string> =>
  Object.fromEntries(gates.flatMap(({ name, verdict }) => (verdict === "passed" ? [] : [[name, verdict]])));
const noDrill: Partial<Facts> = { drills: async () => undefined };
const paging: Partial<Facts> = {
  alerts: async () => ({
    firing: [{ name: "TargetDown", labels: { severity: "page" }, since: GATE_NOW }],
    by: "rules",
  }),
};

describe("a release check", () => {
  it("passes when every gate opens, and says of what", async () => {
    const report = await check();
    expect(report).toMatchObject({
      ...{ kind: "release check", verdict: "passed", version: "v1.4.2", commit: "a".repeat(40) },
      ...{ at: GATE_NOW.toISOString(), by: { name: "ada" }, service: { name: "shop" } },
    });
    expect(verdicts(report)).toEqual({});
  });

  it("passes nothing when there is no gate", async () => {
    expect((await check({ gates: [] })).verdict).toBe("unknown");
  });

  it("lets refusal dominate not knowing", async () => {
    expect((await check({ facts: noDrill })).verdict).toBe("unknown");
    expect((await check({ facts: { ...noDrill, ...paging } })).verdict).toBe("failed");
  });

  it("knows nothing of what raises an error, is late or breaks, and looks at the rest", async () => {
    const report = await check({
      facts: {
        backups: () => Promise.reject(new SeakeepError("SK-STORE-004", "The store did not answer.")),
        alerts: () => new Promise(() => {}),
        generated: () => Promise.reject(new TypeError("x is not a function")),
      },
      timeoutMs: 20,
    });
    expect(verdicts(report)).toEqual({
      backup: "unknown",
      drill: "unknown",
      pages: "unknown",
      drift: "unknown",
    });
    const [late] = report.gates.filter(({ name }) => name === "pages");
    expect(late?.reason).toBe("It had not finished after 20ms.");
    expect(report.gates.find(({ name }) => name === "backup")).toMatchObject({
      reason: "The store did not answer.",
      evidence: { error: "SK-STORE-004" },
    });
  });

  it("says nothing that a terminal or a CI obeys", async () => {
    const changed = ["a\n::error::b", "\u001b[2Jc"];
    const report = await check({
      facts: { tree: async () => ({ commit: "a".repeat(40), tags: [], changed }) },
    });
    const [refused] = report.gates;
    expect(refused?.reason).toContain("a ::error::b,  [2Jc");
    expect(refused?.evidence.changed).toEqual(changed);
  });

  it("ends with the run that it is part of", async () => {
    await expect(
      check({ signal: AbortSignal.abort(), facts: { alerts: () => Promise.reject(new Error("x")) } }),
    ).rejects.toThrow();
  });
});

describe("an exception", () => {
  const waive = new Map([["drill", "no database yet"]] as const);

  it("passes over a gate that could not tell, by a waiver, and is told with who made it", async () => {
    const report = await check({ facts: noDrill, exceptions: { waive } });
    expect(report.verdict).toBe("passed");
    expect(report.gates.find(({ name }) => name === "drill")).toMatchObject({
      verdict: "unknown",
      exception: { kind: "waived", reason: "no database yet", by: "ada" },
    });
    const text = checkText(report, (_colour, words) => words);
    expect(text).toContain("waived: no database yet (ada)");
    expect(text).toContain("✓ Ship. 8 passed, 1 waived");
    const standing = await check({ facts: noDrill, exceptions: { standing: { drill: "stateless" } } });
    expect(standing.gates.find(({ name }) => name === "drill")?.exception?.by).toBe("configuration");
  });

  it("passes over one that refused only by an override", async () => {
    const pages = new Map([["pages", "this is the fix"]] as const);
    expect(
      (await check({ facts: paging, exceptions: { waive: pages, standing: { pages: "x" } } })).verdict,
    ).toBe("failed");
    const report = await check({ facts: paging, exceptions: { override: pages } });
    expect(report.verdict).toBe("passed");
    expect(report.gates.find(({ name }) => name === "pages")?.exception).toMatchObject({
      kind: "overridden",
    });
  });

  it("is nothing to a gate that opened, and cannot pass a release that no gate opened for", async () => {
    expect(
      (await check({ exceptions: { waive } })).gates.every(({ exception }) => exception === undefined),
    ).toBe(true);
    const drill = GATES.filter(({ name }) => name === "drill");
    expect((await check({ gates: drill, facts: noDrill, exceptions: { waive } })).verdict).toBe("unknown");
  });

  it("names a gate and a reason", () => {
    expect(parseExceptions(["drill=a=b", "pages= c "], "--waive")).toEqual(
      new Map([
        ["drill", "a=b"],
        ["pages", "c"],
      ]),
    );
    for (const written of ["dril=x", "drill", "drill= ", "=x"]) {
      expect(() => parseExceptions([written], "--waive"), written).toThrow(/SK-RELEASE-001/);
    }
    expect(() => parseExceptions(["dril=x"], "--waive")).toThrow("Did you mean drill?");
  });
});

describe("the configuration of releases", () => {
  const release = (written: object) => opsOf({ release: written }).release;

  it("is taken as written", () => {
    expect(
      release({ accept: ["forward-only"], budgetLeft: 25, waive: { drill: "stateless" }, signers: ["MCow"] }),
    ).toEqual({
      ...{ accept: ["forward-only"], budgetLeft: 0.25, waive: { drill: "stateless" }, signers: ["MCow"] },
    });
    expect(opsOf({ release: { needs: [secret("X")] } }).names.at(-1)).toMatchObject({
      name: "X",
      path: "release.needs[0]",
    });
  });

  it.each([
    [{ waive: { dril: "x" } }, "release.waive.dril"],
    [{ waive: { drill: " " } }, "release.waive.drill"],
    [{ accept: ["safe"] }, "release.accept[0]"],
    [{ accept: [] }, "release.accept"],
    [{ budgetLeft: 101 }, "release.budgetLeft"],
    [{ needs: ["X"] }, "release.needs[0]"],
    [{ record: "releases" }, "release.record"],
  ])("is refused when it is %j", (written, path) => {
    expect(() => release(written)).toThrow(path);
  });
});

it("takes names of releases that are harmless in a command", () => {
  for (const good of ["v1.4.2", "1", "release/1.2+build.7", "sha256:ab12", "scope@1.0"])
    expect(parseVersion(good)).toBe(good);
  for (const bad of [
    "",
    "-rf",
    "--",
    "a b",
    "a;b",
    "$(x)",
    "../x",
    "a..b",
    "x".repeat(129),
    "é",
    "a\nb",
    "@x",
  ]) {
    expect(() => parseVersion(bad), bad).toThrow(/SK-RELEASE-002/);
  }
});

it("says who decides, and how that is known", () => {
  const account = () => "root";
  expect(actor(undefined, { GITHUB_ACTOR: "ada" }, account)).toEqual({ name: "ada", from: "GITHUB_ACTOR" });
  expect(actor("b\u001b[31m\nob", { GITHUB_ACTOR: "ada" }, account)).toEqual({
    name: "b [31m ob",
    from: "--by",
  });
  expect(actor(undefined, {}, account)).toEqual({ name: "root", from: "user" });
});
