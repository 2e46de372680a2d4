import { METHODS, metricNames } from "@seakeep/contract";
import { describe, expect, it } from "vitest";
import { Series } from "./series.ts";

const EDGES = [0.1, 1];

function series(limit = 3): Series {
  return new Series(EDGES, metricNames("prometheus").labels, limit);
}

function labelsOf(subject: Series): string[] {
  return subject.endpoints.map(({ labels }) => labels);
}

function statusesOf(subject: Series, template: string): number[] {
  const found = subject.endpoints.find(({ labels }) => labels.includes(`path_template="${template}"`));
  return found?.rows.map(({ status }) => status) ?? [];
}

describe("series", () => {
  it("finds the same row for the same request, and no other", () => {
    const subject = series();
    const row = subject.find("GET", "/a", 200);
    expect(subject.find("GET", "/a", 200)).toBe(row);
    expect(subject.find("GET", ["/", "a"].join(""), 200)).toBe(row);
    for (const other of [
      subject.find("POST", "/a", 200),
      subject.find("GET", "/b", 200),
      subject.find("GET", "/a", 201),
    ]) {
      expect(other).not.toBe(row);
    }
    expect(subject.overflowed).toBe(0);
  });

  it("counts every unknown method as one", () => {
    const subject = series();
    const row = subject.find("BREW", undefined, 404);
    for (const method of ["PROPFIND", "get", "", "__proto__", "constructor"]) {
      expect(subject.find(method, undefined, 404)).toBe(row);
    }
    expect(labelsOf(subject).at(-1)).toBe('method="_OTHER",path_template="_unmatched"');
    for (const method of METHODS) expect(subject.find(method, undefined, 404)).not.toBe(row);
  });

  it.each([0, 99, 600, 999, -1, 200.5, Number.NaN, Number.POSITIVE_INFINITY])(
    "counts the status %d, which does not exist, as 500",
    (status) => {
      const subject = series();
      expect(subject.find("GET", "/a", status)).toBe(subject.find("GET", "/a", 500));
    },
  );

  it("tells sixteen statuses of an endpoint apart, then only their classes and the server errors", () => {
    const subject = series();
    for (let status = 200; status < 600; status++) subject.find("GET", "/status/:code", status);
    const statuses = statusesOf(subject, "/status/:code");
    expect(statuses.slice(0, 16)).toEqual(Array.from({ length: 16 }, (_, index) => 200 + index));
    expect(statuses.slice(16)).toEqual([300, 400, 500, 502, 503, 504]);
    expect(subject.find("GET", "/status/:code", 418)).toBe(subject.find("GET", "/status/:code", 400));
    // 200 to 215 and the six above are their own; the two look-ups just now were 418 and 400.
    expect(subject.overflowed).toBe(400 - 16 - 6 + 1);
  });

  it("admits an endpoint whole or not at all", () => {
    const subject = series(2);
    for (const template of ["/a", "/b", "/c", "/d"]) subject.find("GET", template, 200);
    for (const template of ["/a", "/b", "/c", "/d"]) subject.find("GET", template, 500);
    expect(statusesOf(subject, "/a")).toEqual([200, 500]);
    expect(statusesOf(subject, "/b")).toEqual([200, 500]);
    expect(statusesOf(subject, "/c")).toEqual([]);
    expect(statusesOf(subject, "_other")).toEqual([200, 500]);
    expect(subject.overflowed).toBe(4);
  });

  it("never lets a flood take a declared route, whatever its method and status", () => {
    const subject = series(2);
    subject.declare({ method: "POST", template: "/upload" });
    subject.declare({ method: "GET", template: "/page" });
    subject.declare({ template: "/any" });
    for (let index = 0; index < 1000; index++) subject.find("GET", `/${index}`, 200);
    const before = subject.overflowed;
    for (const status of [200, 413, 503]) subject.find("POST", "/upload", status);
    for (const method of ["GET", "HEAD"]) subject.find(method, "/page", 200);
    for (const method of [...METHODS, "BREW"]) subject.find(method, "/any", 200);
    expect(subject.overflowed).toBe(before);
    expect(statusesOf(subject, "/upload")).toEqual([200, 201, 413, 503]);
    // Only what was declared is reserved.
    subject.find("GET", "/upload", 200);
    expect(subject.overflowed).toBe(before + 1);
  });

  it("gives back the place of a route that is declared after it was seen", () => {
    const subject = series(1);
    subject.find("GET", "/a", 200);
    subject.declare({ method: "GET", template: "/a" });
    subject.declare({ method: "GET", template: "/a" });
    subject.find("GET", "/b", 200);
    subject.find("GET", "/c", 200);
    expect(subject.overflowed).toBe(1);
    expect(labelsOf(subject).filter((labels) => labels.includes('"/a"'))).toHaveLength(1);
  });

  it("shows declared routes at zero with their usual successes, and no others", () => {
    const subject = series();
    subject.declare({ method: "GET", template: "/get" });
    subject.declare({ method: "DELETE", template: "/delete" });
    subject.declare({ method: "OPTIONS", template: "/options" });
    subject.declare({ template: "/any" });
    expect(statusesOf(subject, "/get")).toEqual([200]);
    expect(statusesOf(subject, "/delete")).toEqual([200, 204]);
    expect(statusesOf(subject, "/any")).toEqual([200]);
    expect(labelsOf(subject).join()).not.toContain("OPTIONS");
  });

  it("counts what cannot be a template as overflow", () => {
    const subject = series(100);
    for (const template of [
      `/${"a".repeat(600)}`,
      "/\0",
      "/\ud800",
      ["/a", "/b"] as never,
      /^\/a/ as never,
    ]) {
      subject.find("GET", template, 200);
      subject.declare({ method: "GET", template });
    }
    expect(subject.overflowed).toBe(5);
    expect(labelsOf(subject).at(-1)).toBe('method="GET",path_template="_other"');
  });
});
