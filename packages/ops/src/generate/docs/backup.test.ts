import { defineService, errors } from "@seakeep/contract";
import { describe, expect, it } from "vitest";
import { sql } from "../../backup/drill/expectation.ts";
import { fs } from "../../backup/stores/fs/index.ts";
import { defineOps, type OpsDeclaration } from "../../config/define.ts";
import { resolveOps } from "../../config/resolve.ts";
import { secret } from "../../config/values.ts";
import { backupGroups } from "../prometheus/backup.ts";
import { timing } from "../timing.ts";
import { backupGuide } from "./backup.ts";

const KEY = "MCowBQYDK2VuAyEAhSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=";

function ops(declared: Partial<OpsDeclaration> = {}, recovery?: { rpo: string; rto: string }) {
  const service = defineService({
    name: "shop",
    owner: "sales",
    slos: [errors({ objective: 99 })],
    recovery,
  });
  const backup = { store: fs("/backups") };
  return resolveOps(defineOps({ service, url: "http://a", backup, ...declared }), {}, "seakeep.config.ts");
}

const guide = (...given: Parameters<typeof ops>): string => {
  const resolved = ops(...given);
  return backupGuide(resolved, timing(resolved))[0]?.content ?? "";
};
const alerts = (...given: Parameters<typeof ops>) => {
  const resolved = ops(...given);
  return backupGroups(resolved, timing(resolved)).flatMap(({ rules }) => rules);
};

describe("backup.md", () => {
  it("says what is promised, where backups are and what is kept", () => {
    const text = guide(
      {
        database: secret("SHOP_DATABASE"),
        backup: { store: fs("/backups"), keep: { daily: 7, within: "2d" }, recipients: [KEY, KEY] },
        drill: { every: "7d" },
      },
      { rpo: "24h", rto: "1h" },
    );
    expect(text).toMatch(/\| RPO +\| 24 h /);
    expect(text).toMatch(/\| RTO +\| 1 h /);
    expect(text).toContain("`file:///backups`");
    expect(text).toContain("the one that `SHOP_DATABASE` names");
    expect(text).toContain("every 8 hours");
    expect(text).toContain("daily: 7, within: 2d");
    expect(text).toContain("to 2 public keys");
    expect(text).toContain("seakeep restore ID --swap --into restored --identity identity.pem\n");
    expect(text).toContain("Due every 7 d.");
  });

  it("says what is not declared, and takes it for no promise", () => {
    const text = guide();
    expect(text.match(/not declared/g)).toHaveLength(2);
    expect(text).toContain("all: nothing is ever pruned");
    expect(text).toContain("who can read the store can read the data");
    expect(text).toContain("Nothing is declared that the data itself must hold");
    expect(text).not.toContain("--identity");
  });

  it("shows each expectation as it will run, in a fence that it cannot leave", () => {
    const hostile = "select '```' = ''\n```\n# Not a heading";
    const text = guide({ drill: { expect: [sql("a *bold* name", hostile)] } });
    expect(text).toContain("**a \\*bold\\* name**");
    expect(text).toContain(`\`\`\`\`sql\n${hostile}\n\`\`\`\`\n`);
  });

  it("is not written for a service without backups", () => {
    const { backup: _, ...without } = ops();
    expect(backupGuide(without, timing(without))).toEqual([]);
    expect(backupGroups(without, timing(without))).toEqual([]);
  });
});

describe("alerts on backups", () => {
  it("are those that the declaration gives a measure for", () => {
    const names = (...given: Parameters<typeof ops>) =>
      alerts(...given).map((rule) => ("alert" in rule ? rule.alert : undefined));
    expect(names()).toEqual(["BackupMissing", "BackupDamaged"]);
    expect(names({ drill: { every: "7d" } }, { rpo: "24h", rto: "1h" })).toEqual([
      ...["BackupMissing", "BackupTooOld", "BackupDamaged", "DrillOverdue", "DrillFailed"],
    ]);
  });

  it("each stand in the guide with what to do", () => {
    const given = [{ drill: { every: "7d" } }, { rpo: "24h", rto: "1h" }] as const;
    for (const rule of alerts(...given)) {
      expect(guide(...given)).toContain(`| \`${(rule as { alert: string }).alert}\``);
    }
  });
});
