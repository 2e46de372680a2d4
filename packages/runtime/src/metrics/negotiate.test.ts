import { describe, expect, it } from "vitest";
import { negotiate } from "./negotiate.ts";

const PROMETHEUS_2 =
  "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
const PROMETHEUS_3 =
  "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
const BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

describe("negotiate", () => {
  it.each([
    [undefined, "text"],
    ["", "text"],
    ["*/*", "text"],
    [BROWSER, "text"],
    [PROMETHEUS_2, "openmetrics"],
    [PROMETHEUS_3, "openmetrics"],
    ["application/openmetrics-text", "openmetrics"],
    ["application/*", "openmetrics"],
    ['Application/OpenMetrics-Text; Version="1.0.0"', "openmetrics"],
    ["application/openmetrics-text;version=0.0.1", "text"],
    ["application/openmetrics-text;q=0.4,text/plain;q=0.5", "text"],
    ["application/openmetrics-text;q=0.5,text/plain;q=0.5", "text"],
    ["application/openmetrics-text;q=0.5,text/plain;version=1.0.0;q=0.9", "openmetrics"],
    ["application/openmetrics-text;q=0,*/*", "text"],
    ["text/plain;q=0,*/*;q=0.1", "openmetrics"],
    ["application/openmetrics-text;q=7", "text"],
    ["application/openmetrics-text;q=abc", "text"],
    ["image/png", "text"],
    [",;,;;=q,".repeat(2000), "text"],
  ] as const)("%s: %s", (accept, format) => {
    expect(negotiate(accept)).toBe(format);
  });
});
