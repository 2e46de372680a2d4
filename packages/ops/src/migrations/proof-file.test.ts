import { describe, expect, it } from "vitest";
import type { Migration } from "./migration.ts";
import { classify, fingerprint, type ProvenMigration } from "./proof.ts";
import { mergeProof, NOTHING_PROVEN, parseProof, proofOf, renderProof, staleness } from "./proof-file.ts";

const migration = (name: string, text = "select 1"): Migration => ({
  ...{ name, up: { file: `${name}.sql`, text, offset: 0 }, transaction: true },
});
const proven = (of: Migration, more: Partial<ProvenMigration["facts"]> = {}): ProvenMigration => {
  const facts = { losesData: "no", oldCodeRuns: "yes", downRestores: "unknown", ...more } as const;
  const { name } = of;
  return {
    name,
    sha256: fingerprint(of),
    server: 150018,
    data: "sample",
    class: classify(facts),
    facts,
    evidence: [],
  };
};
const [one, two, three] = ["001", "002", "003"].map((name) => migration(name)) as [
  Migration,
  Migration,
  Migration,
];

describe("the class", () => {
  it("is the best that is proven, and what is unknown is not", () => {
    const classOf = (losesData: string, oldCodeRuns: string, downRestores: string) =>
      classify({ losesData, oldCodeRuns, downRestores } as ProvenMigration["facts"]);
    expect(classOf("no", "yes", "yes")).toBe("forward-compatible");
    expect(classOf("no", "unknown", "yes")).toBe("reversible");
    expect(classOf("no", "no", "unknown")).toBe("forward-only");
    expect(classOf("unknown", "yes", "yes")).toBe("data-losing");
  });
});

describe("the proof file", () => {
  const file = { format: 1, migrations: [proven(one), proven(two)] } as const;

  it("comes back as it was written", () => {
    expect(parseProof(renderProof(file))).toEqual(file);
  });

  it("is refused when a class was put there by hand, or anything else", () => {
    const better = renderProof({
      format: 1,
      migrations: [{ ...proven(one, { losesData: "yes" }), class: "reversible" }],
    });
    expect(() => parseProof(better)).toThrow(/calls 001 reversible, and its facts make it data-losing/);
    for (const text of ["", "[]", "{}", renderProof(file).replace("sample", '","more":"')]) {
      expect(() => parseProof(text)).toThrow(/SK-PROVE-001/);
    }
  });

  it("proves a migration for its very text, and the way it is run", () => {
    expect(proofOf(file, one)?.name).toBe("001");
    expect(proofOf(file, migration("001", "select 2"))).toBeUndefined();
    expect(proofOf(file, { ...one, down: one.up })).toBeUndefined();
    expect(proofOf(file, { ...one, transaction: false })).toBeUndefined();
  });

  it("keeps what still holds, and takes in what is new", () => {
    const changed = migration("002", "select 2");
    const merged = mergeProof([one, changed, three], file, [proven(three)]);
    expect(merged.migrations.map(({ name }) => name)).toEqual(["001", "003"]);
  });

  it("is stale when it lacks a migration after its first, has another text, or one that is gone", () => {
    expect(staleness([one, two], file)).toEqual([]);
    expect(staleness([migration("000"), one, two], file)).toEqual([]);
    expect(staleness([one, two, three], file)).toEqual(["003 is not proven."]);
    expect(staleness([one, migration("002", "select 2")], file)).toEqual([
      "002 was changed since it was proven.",
    ]);
    expect(staleness([one], file)).toEqual(["002 is proven, and is no migration any more."]);
    expect(staleness([one], NOTHING_PROVEN)).toEqual(["001 is not proven."]);
    expect(staleness([], NOTHING_PROVEN)).toEqual([]);
  });
});
