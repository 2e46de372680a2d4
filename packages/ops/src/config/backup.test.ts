import { defineService, errors, type SeakeepError } from "@seakeep/contract";
import { describe, expect, it, test } from "vitest";
import { fs } from "../backup/stores/fs/index.ts";
import { s3 } from "../backup/stores/s3/index.ts";
import { defineOps, type OpsDeclaration } from "./define.ts";
import { resolveOps } from "./resolve.ts";
import { env } from "./values.ts";

const service = defineService({ name: "shop", owner: "sales", slos: [errors({ objective: 99 })] });
const resolve = (backup: unknown, environment: Record<string, string> = {}) =>
  resolveOps(
    defineOps({ service, url: "https://shop.example.org", backup } as OpsDeclaration),
    environment,
    "seakeep.config.ts",
  ).backup;

function problems(backup: unknown): string[] {
  try {
    resolve(backup);
  } catch (error) {
    return (error as SeakeepError).problems.map(
      ({ path, got, wanted }) => `${path}: got ${got}, wanted ${wanted}`,
    );
  }
  return [];
}

describe("backup", () => {
  it("names a store, what is kept, and to whom it is sealed", () => {
    const keep = { daily: 7, within: "2d" };
    const resolved = resolve(
      { store: fs(env("BACKUPS")), keep, recipients: [env("RECIPIENT"), "MCow"] },
      { BACKUPS: "/backups", RECIPIENT: "MCox" },
    );
    expect(resolved).toMatchObject({ store: { url: "file:///backups" }, keep, recipients: ["MCox", "MCow"] });
    expect(
      resolve({ store: s3({ bucket: "acme-backups", prefix: "prod", region: "eu-central-1" }) }),
    ).toMatchObject({
      store: { url: "s3://acme-backups/prod" },
      recipients: [],
    });
  });

  test.each<[unknown, RegExp]>([
    [{}, /^backup\.store: /],
    [{ store: "/backups" }, /^backup\.store: got .*, wanted a store such as fs/],
    [{ store: fs("backups") }, /^backup\.store\.path: got "backups", wanted an absolute path/],
    [{ store: fs(env("NOWHERE")) }, /^backup\.store\.path: .*the environment variable NOWHERE/],
    [{ store: fs("/b"), keep: { dayly: 7 } }, /^backup\.keep\.dayly: .*`daily`/],
    [{ store: fs("/b"), keep: { daily: 0 } }, /^backup\.keep\.daily: got 0, wanted a whole number/],
    [{ store: fs("/b"), keep: { daily: 1.5 } }, /^backup\.keep\.daily: /],
    [{ store: fs("/b"), keep: { within: "soon" } }, /^backup\.keep\.within: got "soon", wanted a duration/],
    [{ store: fs("/b"), recipients: "MCow" }, /^backup\.recipients: /],
    [{ store: fs("/b"), recipients: [env("NOBODY")] }, /^backup\.recipients\[0\]: .*NOBODY/],
    [{ store: fs("/b"), recipient: [] }, /^backup\.recipient: .*`recipients`/],
  ])("%# is refused, with its place and what was wanted", (backup, told) => {
    expect(problems(backup).join("\n")).toMatch(told);
  });
});
