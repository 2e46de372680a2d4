import { defineService, errors } from "@seakeep/contract";
import { describe, expect, it } from "vitest";
import { defineOps } from "../config/define.ts";
import { resolveOps } from "../config/resolve.ts";
import { parseScale, timing } from "./timing.ts";

const ops = (window = "30d") =>
  resolveOps(
    defineOps({
      service: defineService({ name: "shop", owner: "sales", window, slos: [errors({ objective: 99 })] }),
      url: "http://127.0.0.1:3000",
    }),
    {},
    "seakeep.config.ts",
  );

describe("parseScale", () => {
  it.each([
    ["1", 1],
    ["1/60", 1 / 60],
    ["0.1", 0.1],
    [".5", 0.5],
  ])("reads %s", (text, scale) => {
    expect(parseScale(text)).toBe(scale);
  });

  it.each(["", "0", "60", "2/3", "1/0", "1/0.5", "-1", "1e-3", "one"])("refuses %j", (text) => {
    expect(parseScale(text)).toBeNaN();
  });
});

describe("timing", () => {
  it("leaves production as it is", () => {
    expect(timing(ops())).toMatchObject({
      scrape: 30_000,
      timeout: 10_000,
      fast: 30_000,
      slow: 300_000,
      period: 30 * 86_400_000,
    });
  });

  it("shrinks every time of a rehearsal, but scrapes and evaluates once a second at most", () => {
    const rehearsal = timing(ops(), "1/60");
    expect(rehearsal).toMatchObject({
      scrape: 1000,
      timeout: 900,
      fast: 1000,
      slow: 5000,
      period: 12 * 3_600_000,
    });
    expect(rehearsal.burnWindows(0.01).map(({ long, short, threshold }) => [long, short, threshold])).toEqual(
      [
        [60_000, 5000, 0.144],
        [360_000, 30_000, 0.06],
        [1_440_000, 120_000, 0.03],
        [4_320_000, 360_000, 0.01],
      ],
    );
  });

  it("refuses a scale that leaves the shortest window without scrapes, and says which is the smallest", () => {
    expect(() => timing(ops(), "1/76")).toThrow(expect.objectContaining({ code: "SK-GENERATE-001" }));
    expect(() => timing(ops(), "1/76")).toThrow("Use --scale 1/75 or a larger part.");
    expect(timing(ops(), "1/75").scrape).toBe(1000);
    expect(() => timing(ops("7d"), "1/60")).toThrow("Use --scale 1/18 or a larger part.");
  });
});
