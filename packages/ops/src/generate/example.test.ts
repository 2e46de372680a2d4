import { join } from "node:path";
import { expect, it } from "vitest";
import { loadConfig } from "../config/load.ts";
import { compare } from "./folder.ts";
import { generateFiles } from "./index.ts";
import { timing } from "./timing.ts";

const cwd = join(import.meta.dirname, "../../../../examples/courses-api");

it("finds the committed files of the courses API as its declaration asks; run `seakeep generate` there if not", async () => {
  const { ops } = await loadConfig({ cwd, environment: {} });
  const compared = await compare(join(cwd, "generated"), generateFiles(ops, timing(ops)));
  expect(
    compared.filter(({ state }) => state !== "same").map(({ path, state }) => `${path}: ${state}`),
  ).toEqual([]);
  expect(compared).toHaveLength(8);
});
