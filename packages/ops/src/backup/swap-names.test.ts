import { expect, it } from "vitest";
import { swapNames } from "./swap-names.ts";

const id = "b000042-20261123t063000z-7f3a";

it("names every database of a swap from the name and the backup", () => {
  expect(swapNames("shop", { id })).toEqual({
    name: "shop",
    incoming: "shop_from_b000042_7f3a",
    kept: "shop_before_b000042_7f3a",
    undone: "shop_undone_b000042_7f3a",
  });
});

it("refuses names that Postgres would cut off, where two could become one", () => {
  expect(swapNames("é".repeat(21), { id }).kept).toMatch(/7f3a$/);
  expect(() => swapNames("é".repeat(22), { id })).toThrow(
    expect.objectContaining({ code: "SK-RESTORE-006" }),
  );
});
