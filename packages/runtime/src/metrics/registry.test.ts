import { describe, expect, it } from "vitest";
import type { Format } from "./format.ts";
import { collect, formatOf, others } from "./registry.ts";

const TAKEN = new Set([
  "http_requests_total",
  "http_request_duration_seconds",
  "http_request_duration_seconds_count",
  "process_start_time_seconds",
]);

function kept(text: string, format: Format = "text"): { page: string; leftOut: string[] } {
  const leftOut: string[] = [];
  const page = [
    ...others(text, format, TAKEN, (family, reason) => leftOut.push(`${family}: ${reason}`)),
  ].join("");
  return { page, leftOut };
}

const ORDERS = `# HELP orders_total Orders.
# TYPE orders_total counter
orders_total{kind="a b"} 3
orders_total{kind="x} 1"} 4 1700000000000
`;

const LATENCY = `# HELP job_seconds Jobs.
# TYPE job_seconds histogram
job_seconds_bucket{le="1"} 1
job_seconds_bucket{le="+Inf"} 2
job_seconds_sum 1.5e-7
job_seconds_count 2
`;

describe("others", () => {
  it("passes on what stands in nobody's way, word for word", () => {
    expect(kept(ORDERS + LATENCY)).toEqual({ page: ORDERS + LATENCY, leftOut: [] });
    expect(kept("up 1\ndown NaN\nsideways -Inf\n").page).toBe("up 1\ndown NaN\nsideways -Inf\n");
  });

  it("drops blank lines and free comments", () => {
    expect(kept(`\n# written by hand\n${ORDERS}\n\n${LATENCY}`).page).toBe(ORDERS + LATENCY);
  });

  it("ends the last line, and at the end mark", () => {
    expect(kept("up 1").page).toBe("up 1\n");
    expect(kept("up 1\n# EOF\ndown 1\n", "openmetrics").page).toBe("up 1\n");
  });

  it("leaves out a family whose name is taken, whole, and keeps its neighbours", () => {
    const theirs = `# HELP http_requests_total Mine.\n# TYPE http_requests_total counter\nhttp_requests_total{code="200"} 9\n`;
    expect(kept(ORDERS + theirs + LATENCY)).toEqual({
      page: ORDERS + LATENCY,
      leftOut: ["http_requests_total: its name is taken"],
    });
  });

  it("leaves out a family one of whose samples has a taken name", () => {
    const theirs =
      "# TYPE http_request_duration_seconds_count gauge\nhttp_request_duration_seconds_count 1\n" +
      "# TYPE http_request_duration_seconds summary\nhttp_request_duration_seconds_sum 1\nhttp_request_duration_seconds_count 1\n";
    expect(kept(theirs)).toEqual({
      page: "",
      leftOut: [
        "http_request_duration_seconds_count: its name is taken",
        "http_request_duration_seconds: its name is taken",
      ],
    });
  });

  it("minds OpenMetrics' family names only there", () => {
    const gauge = "# TYPE http_requests gauge\nhttp_requests 4\n";
    expect(kept(gauge).page).toBe(gauge);
    expect(kept(gauge, "openmetrics")).toEqual({ page: "", leftOut: ["http_requests: its name is taken"] });
  });

  it("leaves the process start to us without a word, since prom-client's says the same", () => {
    const start = "# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds 1700000000\n";
    expect(kept(start + ORDERS)).toEqual({ page: ORDERS, leftOut: [] });
  });

  it("tells a family from one whose name begins like it", () => {
    const page = "# TYPE jobs gauge\njobs 1\n# TYPE jobs_total counter\njobs_total two\n";
    expect(kept(page)).toEqual({
      page: "# TYPE jobs gauge\njobs 1\n",
      leftOut: ["jobs_total: it cannot be read"],
    });
  });

  it("leaves out a second family of a name", () => {
    expect(kept(`${ORDERS}${LATENCY}${ORDERS}`)).toEqual({
      page: ORDERS + LATENCY,
      leftOut: ["orders_total: it stands there twice"],
    });
  });

  it.each([
    'orders_total{kind="a"}',
    "orders_total three",
    "<html>",
    "2xx_total 1",
    'orders_total{kind="a"b="c"} 1',
    'orders_total{kind="a} 1',
    "orders_total 1 2 3",
    'orders_total{kind="a"} 1 # {trace="x"} 1',
  ])("leaves out a family with the line %j and keeps the next", (line) => {
    const { page, leftOut } = kept(`# TYPE orders_total counter\n${line}\n${LATENCY}`);
    expect(page).toBe(LATENCY);
    expect(leftOut).toHaveLength(1);
  });

  it("keeps OpenMetrics' exemplars and float timestamps", () => {
    const theirs =
      '# TYPE a counter\n# UNIT a seconds\na_total{k="v"} 1.0 1700000000.123 # {trace_id="x"} 0.5 1700000000.1\na_created 1.5\n';
    expect(kept(`${theirs}# EOF\n`, "openmetrics")).toEqual({ page: theirs, leftOut: [] });
  });

  it("hands out long families in parts and loses nothing", () => {
    const long = `# TYPE a gauge\n${Array.from({ length: 20_000 }, (_, index) => `a{i="${index}"} ${index}`).join("\n")}\n`;
    const chunks = [...others(long, "text", TAKEN, () => {})];
    expect(chunks.join("")).toBe(long);
    expect(Math.max(...chunks.map((chunk) => chunk.length))).toBeLessThan(64 * 1024);
    // The event loop had turns while the family was read, before any of it could be written.
    expect(chunks.filter((chunk) => chunk === "").length).toBeGreaterThan(5);
  });
});

describe("formatOf", () => {
  it.each([
    [undefined, "text"],
    ["text/plain; version=0.0.4; charset=utf-8", "text"],
    ["application/openmetrics-text; version=1.0.0; charset=utf-8", "openmetrics"],
    ["application/json", undefined],
    ["text/plainer", undefined],
  ])("%s: %s", (contentType, format) => {
    const metrics = () => "";
    expect(formatOf(contentType === undefined ? { metrics } : { metrics, contentType })).toBe(format);
  });
});

describe("collect", () => {
  it("takes text at once or later", async () => {
    expect(await collect({ metrics: () => "a 1\n" }, 1000)).toBe("a 1\n");
    expect(await collect({ metrics: async () => "a 1\n" }, 1000)).toBe("a 1\n");
  });

  it("rejects when the registry throws, rejects, gives no text or never ends", async () => {
    const broken = () => {
      throw new Error("broken");
    };
    await expect(collect({ metrics: broken }, 1000)).rejects.toThrow("broken");
    await expect(collect({ metrics: () => Promise.reject(new Error("late")) }, 1000)).rejects.toThrow("late");
    await expect(collect({ metrics: () => undefined as never }, 1000)).rejects.toThrow("undefined");
    await expect(collect({ metrics: () => new Promise<string>(() => {}) }, 20)).rejects.toThrow("20 ms");
  });
});
