import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { HOSTILE, passing, report } from "../../../test/report.ts";
import { SARIF_SCHEMA } from "../../../test/sarif-schema.ts";
import { readTap } from "../../../test/tap.ts";
import { readXml, type XmlElement } from "../../../test/xml.ts";
import { FORMAT_NAMES, type FormatName, format } from "./index.ts";

const paint = (_colour: string, text: string): string => text;
const write = (name: FormatName, what = report, file?: string) =>
  format(name, what, { paint, ...(file === undefined ? {} : { file }) });

test.each(FORMAT_NAMES)(
  "%s shows how many attempts a pass took, and neither more nor fewer checks",
  async (name) => {
    const text = await write(name as FormatName, passing);
    const shown =
      name === "json" ? /"attempts": \[(?:[^[\]]|\[\]){3,}hung up again/ : /passed after 3 attempts/;
    expect(text).toMatch(shown);
    expect(text).toContain("health");
  },
);

describe("junit", () => {
  /** The attributes and children that the shape in Jenkins' XSD allows, and those that it demands. */
  const SHAPE: Readonly<Record<string, { attributes: string[]; children: string[] }>> = {
    testsuites: {
      attributes: ["name", "tests", "failures", "errors", "skipped", "time"],
      children: ["testsuite"],
    },
    testsuite: {
      attributes: ["name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname"],
      children: ["testcase"],
    },
    testcase: { attributes: ["classname", "name", "time"], children: ["failure", "error", "system-out"] },
    failure: { attributes: ["message", "type"], children: [] },
    error: { attributes: ["message", "type"], children: [] },
    "system-out": { attributes: [], children: [] },
  };

  function judge(element: XmlElement): void {
    const { attributes, children } = SHAPE[element.name]!;
    expect(Object.keys(element.attributes)).toEqual(attributes);
    for (const child of element.children) {
      expect(children).toContain(child.name);
      judge(child);
    }
  }

  test("is XML of the usual shape, whatever a service says", async () => {
    const root = readXml(await write("junit"));
    judge(root);
    const [suite] = root.children;
    expect(suite!.attributes).toMatchObject({
      ...{ name: "seakeep check shop", tests: "4", failures: "1", errors: "1", skipped: "0" },
      ...{ time: "1.013", timestamp: "2026-11-23T08:00:00", hostname: "shop" },
    });
    expect(suite!.children.map(({ children }) => children.map(({ name }) => name))).toEqual([
      ["system-out"],
      ["system-out"],
      ["failure", "system-out"],
      ["error", "system-out"],
    ]);
  });

  test("says what was found and what to do, and what was seen", async () => {
    const [suite] = readXml(await write("junit")).children;
    const [failure, output] = suite!.children[2]!.children;
    expect(failure!.attributes).toEqual({ message: "The gate is open.", type: "failed" });
    expect(failure!.text).toContain("The gate is open.\nfix: Close it.");
    expect(output!.text).toContain("GET http://shop/metrics (without credentials): 200 text/plain, 3 ms");
    expect(suite!.children[3]!.attributes.name).toContain('::error::<b>&"]]>');
  });
});

describe("tap", () => {
  test("is TAP 14 with diagnostics, and what is unknown is not ok", async () => {
    const points = readTap(await write("tap"));
    expect(points.map(({ ok, diagnostics }) => [ok, diagnostics.verdict])).toEqual([
      [true, "passed"],
      [true, "passed"],
      [false, "failed"],
      [false, "unknown"],
    ]);
    expect(points[1]!.title).toBe("ready (passed after 3 attempts)");
    expect(points[1]!.diagnostics.attempts).toHaveLength(3);
    expect(points[2]!.diagnostics.findings).toContainEqual({ reason: "The gate is open.", fix: "Close it." });
    expect(points[3]!.title).toBe(HOSTILE.replace("\r\n", " "));
  });
});

describe("sarif", () => {
  const validate = new Ajv({ strict: false }).compile(SARIF_SCHEMA);
  interface Log {
    readonly runs: readonly {
      readonly results: readonly {
        readonly ruleId: string;
        readonly level: string;
        readonly message: { readonly text: string };
        readonly locations: unknown;
        readonly partialFingerprints?: Readonly<Record<string, string>>;
      }[];
    }[];
  }
  const read = async (file?: string, what = report) => {
    const log = JSON.parse(await write("sarif", what, file)) as Log;
    validate(log);
    expect(validate.errors).toBeNull();
    return log.runs[0]!.results;
  };

  test("is valid, with a result for each finding and for a pass that took its time", async () => {
    const results = await read();
    expect(results.map(({ ruleId, level }) => [ruleId.slice(0, 12), level])).toEqual([
      ["ready", "note"],
      ["metrics-gate", "error"],
      ["metrics-gate", "warning"],
      [HOSTILE.slice(0, 12), "warning"],
    ]);
    expect(results[1]!.message.text).toBe("The gate is open. Close it.");
  });

  test("points at the operations file, or at the service where there is none", async () => {
    const place = (uri: string) => [{ physicalLocation: { artifactLocation: { uri } } }];
    expect((await read())[0]!.locations).toEqual(place("http://shop/"));
    expect((await read("ops/seakeep.config.ts"))[0]!.locations).toEqual(place("ops/seakeep.config.ts"));
  });

  test("tells the same finding by the same fingerprint, whatever its figures", async () => {
    const slow = (took: number) => {
      const reason = `It took ${took} ms.`;
      const finding = { verdict: "failed", reason, fix: "Look." } as const;
      const check = { ...report.checks[0]!, ...finding, findings: [finding] };
      return { ...report, checks: [check] };
    };
    const prints = await Promise.all([slow(12), slow(345)].map((what) => read(undefined, what)));
    expect(prints[0]![0]!.partialFingerprints).toEqual(prints[1]![0]!.partialFingerprints);
  });
});

describe("github", () => {
  test("is one line a finding, and nothing a service says begins another command", async () => {
    const lines = (await write("github", report, "seakeep.config.ts")).trimEnd().split("\n");
    expect(lines.map((line) => /^::\w+/.exec(line)?.[0])).toEqual([
      "::notice",
      "::error",
      "::warning",
      "::warning",
      "::notice",
    ]);
    expect(lines[0]).toBe(
      "::notice file=seakeep.config.ts,title=ready%3A passed after 3 attempts::GET /healthz answered 200.",
    );
    expect(lines[1]).toBe(
      "::error file=seakeep.config.ts,title=metrics-gate%3A failed::The gate is open.%0Afix: Close it.",
    );
    expect(lines[4]).toBe("::notice title=seakeep check::2 of 4 checks of http://shop/ passed.");
  });
});
