import { expect, it, test } from "vitest";
import { layout, parseKey, serviceFolder } from "./layout.ts";
import { isKey } from "./stores/keys.ts";

const ID = "b000042-20261123t063000z-7f3a";

test.each(["courses-api", "shop_2"])("%s is its own folder", (name) => {
  expect(serviceFolder(name)).toBe(name);
});

test.each(["Shop", "shop db", "магазин", "..", "a/b", "", "-x", "x".repeat(200)])(
  "%j gets a folder that stores take",
  (name) => {
    const folder = serviceFolder(name);
    expect(isKey(folder)).toBe(true);
    expect(folder).not.toContain("/");
    expect(folder).toMatch(/-[0-9a-f]{8}$/);
  },
);

it("tells alike names apart", () => {
  expect(new Set(["Shop", "SHOP", "shop", "shop!", "shop?"].map(serviceFolder)).size).toBe(5);
});

it("reads the keys that it makes", () => {
  const keys = layout("shop");
  const backup = expect.objectContaining({ id: ID, sequence: 42 });
  expect(parseKey(keys.manifest(ID))).toEqual({
    folder: "shop",
    kind: "backups",
    backup,
    name: "manifest.json",
  });
  expect(parseKey(keys.proof(ID, new Date("2026-11-23T07:00:00Z")))).toEqual({
    ...{ folder: "shop", kind: "proofs", backup },
    name: "20261123t070000z.json",
  });
});

test.each([
  "shop/lock.json",
  "readme.txt",
  "shop/backups/x/manifest.json",
  `shop/other/${ID}/a`,
  `shop/backups/${ID}/a/b`,
  `shop/backups/${ID}`,
])("%s is no part of a backup", (key) => {
  expect(parseKey(key)).toBeUndefined();
});
