import { describe, expect, it } from "vitest";
import type { BackupEntry } from "../backup/catalog.ts";
import { advise } from "./advice.ts";
import { adviceDocument, adviceText } from "./advice-text.ts";
import type { Findings } from "./evidence.ts";
import type { Gathered } from "./gather.ts";
import type { Statements } from "./settings.ts";

const sound: Findings = {
  data: { answer: "sound", saw: "2 expectations hold" },
  service: { answer: "harmed", saw: "errors: 9 of 10 bad" },
  deploy: { answer: "made", saw: "at noon" },
  previous: { answer: "known", saw: "v1" },
  schema: { answer: "unchanged", saw: "no migration" },
  down: { answer: "lossless", saw: "nothing" },
  backup: { answer: "proven", saw: "b1" },
  loss: { answer: "counted", saw: "12 rows of 3h" },
};
const entry = { id: "b000007-20261123t063000z-7f3a" } as BackupEntry;
const gathered = (findings: Partial<Findings> = {}): Gathered => ({
  findings: { ...sound, ...findings },
  ...{ current: "v2", previous: "v1", between: [], revert: ["004_a"], entry, into: "shop_from_b000007_7f3a" },
  database: { name: "shop", system: "7", fingerprint: "f" },
});
const ops = { service: { name: "shop" }, rollback: { app: { command: ["deploy", "{previous}"] } } } as never;
const ask = (given: Gathered, said: Statements = {}) =>
  advise(given, { ops }, said, { options: [], identity: [] });
const plain = (_: string, text: string) => text;

describe("an advice", () => {
  it("says the decision, why, what was seen, and the plan with every check and way back", () => {
    const text = adviceText(ask(gathered()), plain);
    expect(text).toMatch(/^roll-back-app: deploy the version before/);
    expect(text).toContain(
      "The service is harmed since v2 was deployed, and no migration came with it: v1 can take over",
    );
    expect(text).toMatch(/Is the service harmed\? +harmed +errors: 9 of 10 bad/);
    expect(text).toMatch(
      /plan [0-9a-f]{12}\n {2}1\. Deploys v1\.\n {5}\$ deploy v1\n {5}check: seakeep check\n.*\n {5}back: {2}deploy v2/,
    );
  });

  it("fills every word in, whatever decided", () => {
    const cases: Partial<Findings>[] = [
      { data: { answer: "damaged", saw: "" } },
      { data: { answer: "damaged", saw: "" }, backup: { answer: "unproven", saw: "" } },
      { schema: { answer: "breaks", saw: "" } },
      { schema: { answer: "breaks", saw: "" }, down: { answer: "loses", saw: "12 ratings" } },
      { schema: { answer: "unknown", saw: "" }, down: { answer: "unknown", saw: "" } },
    ];
    for (const findings of cases) expect(ask(gathered(findings)).because).not.toMatch(/[{}]/);
    expect(ask(gathered(cases[3])).because).toContain("would lose 12 ratings");
    expect(ask(gathered(cases[0])).because).toContain("Restoring it loses 12 rows of 3h.");
    const bare = { ...gathered(), current: undefined };
    expect(ask(bare).because).toContain("since the version that runs was deployed");
  });

  it("marks the step that loses data, and says how long a restore takes", () => {
    const advice = ask({
      ...gathered({ data: { answer: "damaged", saw: "titles" } }),
      drill: {
        startedAt: "2026-11-20",
        rto: { seconds: 42, declaredSeconds: 3600, verdict: "met" },
      } as never,
    });
    expect(adviceText(advice, plain)).toContain("Loses data: asks for a text that names it.");
    expect(advice.notes).toEqual([
      "The last drill (2026-11-20) restored in 42 s of 3600 s that are promised: met.",
    ]);
    const { steps, kind, service } = adviceDocument(advice) as {
      readonly kind: string;
      readonly service: object;
      readonly steps: readonly { readonly kind: string; readonly losesData: boolean }[];
    };
    expect({ kind, service }).toEqual({ kind: "rollback advise", service: { name: "shop" } });
    expect(steps.filter(({ losesData }) => losesData).map((step) => step.kind)).toEqual(["swap"]);
  });

  it("says what is missing, and how to get it", () => {
    const advice = ask(
      gathered({ data: { answer: "damaged", saw: "" }, backup: { answer: "unproven", saw: "" } }),
    );
    expect(advice).toMatchObject({
      decision: "find-out",
      missing: [{ question: "backup", get: `prove it: seakeep drill --id ${entry.id}` }],
      steps: [],
    });
    const service = ask(gathered({ service: { answer: "unknown", saw: "" } }));
    expect(adviceText(service, plain)).toContain("say --harmed or --healthy");
  });

  it.each([{ from: "-rf" }, { to: "a b" }, { fix: "../x" }])("refuses %j", (said) => {
    expect(() => ask(gathered(), said)).toThrow("SK-ROLLBACK-001");
  });
});
