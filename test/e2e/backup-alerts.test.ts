import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openScratch, type Scratch } from "../stack/scratch.ts";
import { type Declaration, generatedOnce } from "./generate/project.ts";
import { firing, gauge, play, type Scenario } from "./generate/scenario.ts";

let scratch: Scratch;
beforeAll(async () => {
  scratch = await openScratch();
});
afterAll(() => scratch.close());

const DECLARED: Declaration = {
  slos: "errors({ objective: 99 })",
  service: 'recovery: { rpo: "24h", rto: "1h" }',
  ops: 'backup: { store: fs("/backups") }, drill: { every: "7d" },',
};
const S = '{service="shop"}';
const success = `backup_last_success_timestamp_seconds${S}`;
const snapshot = `backup_last_snapshot_timestamp_seconds${S}`;
const proven = `backup_last_proven_restore_timestamp_seconds${S}`;
const ALL = ["BackupMissing", "BackupTooOld", "BackupDamaged", "DrillOverdue", "DrillFailed"];

const playing = async (scenario: Omit<Scenario, "every" | "evaluate">) => {
  const project = await generatedOnce(scratch, DECLARED);
  const rules = project.file("prometheus/rules.yml");
  expect(await play(scratch, rules, { every: "5m", evaluate: "5m", ...scenario })).toBe("");
};
const only = (at: string, ...names: readonly string[]) =>
  ALL.map((name) => ({ at, query: firing(name), value: names.includes(name) ? 1 : undefined }));
const hours = (count: number) => count * 12;

describe("alerts on backups", () => {
  it("stay quiet while backups come and are proven", () =>
    playing({
      // promtool's clock begins at 1970: a backup every eight hours from then on.
      series: {
        [success]: gauge([0, hours(8)], [28_800, hours(8)], [57_600, hours(9)]),
        [snapshot]: gauge([0, hours(8)], [28_800, hours(8)], [57_600, hours(9)]),
        [proven]: gauge([60, hours(25)]),
        'backup_backups{service="shop",state="damaged"}': gauge([0, hours(25)]),
        [`backup_last_drill_passed${S}`]: gauge([1, hours(25)]),
      },
      expect: [...only("12h"), ...only("24h30m")],
    }));

  it("tell of a backup that is too old, from the objective on", () =>
    playing({
      series: {
        [success]: gauge([0, hours(30)]),
        [snapshot]: gauge([0, hours(30)]),
        [proven]: gauge([0, hours(30)]),
      },
      expect: [...only("23h55m"), ...only("24h10m", "BackupTooOld")],
    }));

  it("tell of silence, when it has lasted", () =>
    playing({
      series: { up: gauge([1, hours(8)]) },
      expect: [...only("5h50m"), ...only("6h10m", "BackupMissing")],
    }));

  it("tell of another service's backups nothing", () =>
    playing({
      series: { 'backup_last_success_timestamp_seconds{service="other"}': gauge([0, hours(8)]) },
      expect: only("6h10m", "BackupMissing"),
    }));

  it("tell of backups that nobody ever proved, that no drill proved for long, that a drill refuted, that are damaged", async () => {
    await playing({
      series: { [success]: gauge([0, hours(2)]), [snapshot]: gauge([0, hours(2)]) },
      expect: only("30m", "DrillOverdue"),
    });
    const days = 24 * 12;
    const fresh = { [success]: gauge([1e9, 10 * days]), [snapshot]: gauge([1e9, 10 * days]) };
    await playing({
      series: { ...fresh, [proven]: gauge([0, 10 * days]) },
      expect: [...only("209h"), ...only("211h", "DrillOverdue")],
    });
    await playing({
      series: {
        ...fresh,
        [proven]: gauge([0, hours(4)]),
        'backup_backups{service="shop",state="damaged"}': gauge([0, 12], [1, hours(2)]),
        [`backup_last_drill_passed${S}`]: gauge([1, 12], [0, hours(2)]),
      },
      expect: [...only("55m"), ...only("1h15m", "BackupDamaged", "DrillFailed")],
    });
  });
});
