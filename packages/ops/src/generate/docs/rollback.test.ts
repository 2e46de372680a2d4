import { readFileSync } from "node:fs";
import { defineService, errors } from "@seakeep/contract";
import { expect, it } from "vitest";
import { fs } from "../../backup/stores/fs/index.ts";
import { defineOps, type OpsDeclaration } from "../../config/define.ts";
import { resolveOps } from "../../config/resolve.ts";
import { DIMENSIONS } from "../../rollback/dimensions.ts";
import { DECISIONS, MATRIX } from "../../rollback/matrix.ts";
import { timing } from "../timing.ts";
import { matrixTable, rollbackRunbook } from "./rollback.ts";

function page(declared: Partial<OpsDeclaration> = {}): string {
  const service = defineService({ name: "shop", owner: "sales", slos: [errors({ objective: 99 })] });
  const resolved = resolveOps(defineOps({ service, url: "http://a", ...declared }), {}, "seakeep.config.ts");
  return rollbackRunbook(resolved, timing(resolved))[0]?.content ?? "";
}
const full = page({
  backup: { store: fs("/backups") },
  rollback: { app: { command: ["deploy", "shop:{previous}"], check: ["is", "it's {previous}"] } },
});

it("has the four parts of a runbook, every row of the matrix and every decision", () => {
  expect(full.match(/^## .*/gm)).toEqual(["## Meaning", "## Impact", "## Diagnosis", "## Mitigation"]);
  const rows = full
    .split("### How it decides")[1]!
    .split("## Mitigation")[0]!
    .match(/^\| [a-z].*\|$/gm)!;
  expect(rows).toHaveLength(MATRIX.length);
  for (const [index, { decision }] of MATRIX.entries()) expect(rows[index]).toContain(`**${decision}**`);
  for (const decision of Object.keys(DECISIONS)) expect(full).toContain(`\n### ${decision}\n`);
  expect(full).not.toMatch(/\{\w+\}/);
});

it("shows the commands that a plan has, in its order, as a shell takes them", () => {
  const restore = full.split("### restore-database")[1]!.split("\n### ")[0]!;
  expect(restore.match(/^ {3}(seakeep|deploy) .*/gm)?.map((line) => line.trim())).toEqual([
    "seakeep rollback writes hold",
    "seakeep backup create",
    "seakeep restore ID --into DATABASE_from_ID",
    "seakeep restore ID --swap --into DATABASE_from_ID --confirm=DATABASE@FINGERPRINT",
    "deploy shop:PREVIOUS",
    "seakeep rollback writes release",
    "seakeep check",
  ]);
  expect(restore).toContain("**Loses data**");
  expect(full).toContain("`is 'it'\\''s PREVIOUS'`");
});

it("is what the reference says", () => {
  const reference = readFileSync(
    new URL("../../../../../docs/reference/rollback.md", import.meta.url),
    "utf8",
  );
  expect(reference).toContain(`\n${matrixTable()}\n`);
  for (const [question, { asks, answers, get }] of Object.entries(DIMENSIONS)) {
    const each = Object.entries(answers).map(([answer, meaning]) => `\`${answer}\`: ${meaning}`);
    expect(reference).toContain(`| ${question} | ${asks} | ${each.join("<br>")} | ${get} |`);
  }
});

it("says what is not configured", () => {
  const bare = page();
  expect(bare).toContain("declare `rollback.app`");
  expect(bare).toContain("no signals are configured");
  expect(bare).toContain("no store is configured");
});
