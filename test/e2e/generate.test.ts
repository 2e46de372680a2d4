import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { burnWindows, metricNames, type Naming, timeToAlert } from "@seakeep/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { binary } from "../stack/binaries.ts";
import { type CommandResult, runCommand } from "../stack/commands.ts";
import { openScratch, type Scratch } from "../stack/scratch.ts";
import { type Declaration, generated, generatedOnce } from "./generate/project.ts";
import { alertsAt, counter, firing, gauge, play, type Scenario } from "./generate/scenario.ts";

let scratch: Scratch;
beforeAll(async () => {
  scratch = await openScratch();
});
afterAll(() => scratch.close());

const run = (command: string, ...args: readonly string[]): Promise<CommandResult> =>
  runCommand(scratch, { command, args });

const ALL_KINDS = `
  availability({ objective: 99.9, probe: "/healthz" }),
  errors({ objective: 99 }),
  latency({ objective: 95, threshold: "500ms" }),
  latency({ objective: 95, threshold: "5s", routes: ["POST /upload"] }),
  saturation({ inFlight: 200, eventLoopDelay: "200ms" }),`;

describe("the judges of each format", () => {
  const cases: [name: string, declaration: Declaration, args: string[]][] = [
    ["every kind of SLO", { slos: ALL_KINDS }, []],
    ["OpenTelemetry names", { slos: ALL_KINDS, service: 'naming: "otel", runbooks: "https://wiki/run"' }, []],
    ["a week", { slos: ALL_KINDS, service: 'window: "7d"' }, []],
    ["a rehearsal", { slos: ALL_KINDS }, ["--scale", "1/60"]],
    [
      "https and a list of targets",
      {
        slos: ALL_KINDS,
        ops: 'url: "https://shop.example.org", prometheus: { targets: ["10.0.0.1:80", "10.0.0.2:80"], externalLabels: { cluster: "eu-1" } }',
      },
      [],
    ],
    [
      "receivers that read secrets from files",
      {
        slos: ALL_KINDS,
        ops: `alerting: {
          page: pagerduty(secret("PD_KEY")),
          ticket: email("a@example.org", { from: "b@example.org", smarthost: "mail:587", username: "u", password: secret("SMTP") }),
        }`,
      },
      [],
    ],
    [
      "slack",
      {
        slos: ALL_KINDS,
        ops: `alerting: { page: slack(secret("A"), { channel: "#a" }), ticket: slack(secret("B")) }`,
      },
      [],
    ],
    ["nobody to tell", { slos: "errors({ objective: 99, page: false })", ops: "alerting: undefined" }, []],
  ];

  it.each(cases)("accept what is generated for %s", async (_name, declaration, args) => {
    const { file } = await generated(scratch, declaration, ...args);
    const lint = ["--lint=all", "--lint-fatal"];
    const verdicts = [
      await run(binary("promtool"), "check", "rules", ...lint, file("prometheus/rules.yml")),
      await run(binary("promtool"), "check", "config", ...lint, file("prometheus/prometheus.yml")),
      await run(binary("amtool"), "check-config", file("alertmanager/alertmanager.yml")),
      await run(
        binary("prometheus-blackbox-exporter", "blackbox_exporter"),
        "--config.check",
        `--config.file=${file("blackbox/blackbox.yml")}`,
      ),
    ];
    for (const { code, stdout, stderr } of verdicts) expect(code, stdout + stderr).toBe(0);
  });

  it("find the metrics token where it is said to be", async () => {
    const secrets = join(scratch.folder, "secrets");
    await mkdir(secrets);
    const ops = `metrics: { token: secret("METRICS_TOKEN") }, secrets: ${JSON.stringify(secrets)}`;
    const { file } = await generated(scratch, { slos: ALL_KINDS, ops });
    const check = () => run(binary("promtool"), "check", "config", file("prometheus/prometheus.yml"));
    expect((await check()).stderr + (await check()).stdout).toContain(join(secrets, "METRICS_TOKEN"));
    await writeFile(join(secrets, "METRICS_TOKEN"), "s3cret");
    expect((await check()).code).toBe(0);
  });

  it("route pages to whoever is paged and everything else to the tickets", async () => {
    const { file } = await generated(scratch, { slos: ALL_KINDS });
    const route = (receiver: string, ...labels: string[]) =>
      run(
        binary("amtool"),
        ...["config", "routes", "test", `--config.file=${file("alertmanager/alertmanager.yml")}`],
        `--verify.receivers=${receiver}`,
        ...labels,
      );
    const page = await route("page", "severity=page", "service=shop", "slo=errors");
    expect(page.code, page.stdout + page.stderr).toBe(0);
    expect((await route("ticket", "severity=ticket", "service=shop")).code).toBe(0);
    expect((await route("ticket", "alertname=SomethingElse")).code).toBe(0);
    expect((await route("ticket", "severity=page")).code).not.toBe(0);
  });
});

const MINUTE = 60_000;
const PERIOD = 30 * 24 * 60 * MINUTE;

/** Minutes until a steady share of failures pages, by the contract's own arithmetic. */
function minutesToPage(objective: number, badRatio: number): number {
  const windows = burnWindows((100 - objective) / 100, PERIOD).filter(({ severity }) => severity === "page");
  return (
    Math.min(...windows.map((window) => timeToAlert(window, badRatio) ?? Number.POSITIVE_INFINITY)) / MINUTE
  );
}

const seconds = (minutes: number): string => `${Math.round(minutes * 60)}s`;

/** One route of the service, as scraped from one instance. */
function requestSeries(naming: Naming, all: string, failed?: string): Record<string, string> {
  const { requests, serverErrors, labels } = metricNames(naming);
  const of = (metric: string, status: number) =>
    `${metric}{job="shop",instance="a",${labels.method}="GET",${labels.route}="/x",${labels.status}="${status}"}`;
  return {
    ...UP,
    [of(requests, 200)]: all,
    ...(failed === undefined ? {} : { [of(serverErrors, 500)]: failed }),
  };
}

const UP = { 'up{job="shop",instance="a"}': gauge([1, 9000]) };

async function playing(declaration: Declaration, scenario: Scenario, ...args: string[]): Promise<void> {
  const project = await generatedOnce(scratch, declaration, ...args);
  expect(await play(scratch, project.file("prometheus/rules.yml"), scenario)).toBe("");
}

const HALF_MINUTE = { every: "30s", evaluate: "30s" } as const;
/** Six quiet hours in samples of half a minute, so that every window that pages is full. */
const QUIET = 720;
const QUIET_MINUTES = 360;
const page = (slo: string) => firing("ErrorBudgetBurn", { slo, severity: "page" });
const ticket = (slo: string) => firing("ErrorBudgetBurn", { slo, severity: "ticket" });
const anyAlert = 'count(ALERTS{alertstate="firing"})';

describe("a page", () => {
  it.each<Naming>(["prometheus", "otel"])(
    "comes when the declaration says, under %s names",
    async (naming) => {
      const due = minutesToPage(99, 1);
      expect(due).toBeCloseTo(8.64);
      await playing(
        { slos: "errors({ objective: 99 })", service: `naming: "${naming}"` },
        {
          ...HALF_MINUTE,
          series: requestSeries(naming, counter([50, QUIET + 60]), counter([0, QUIET], [50, 60])),
          expect: [
            { at: "6h", query: anyAlert, value: undefined },
            { at: seconds(QUIET_MINUTES + due - 1), query: page("errors"), value: undefined },
            { at: seconds(QUIET_MINUTES + due + 1), query: page("errors"), value: 1 },
          ],
        },
      );
    },
  );

  it("comes in seconds in a rehearsal", async () => {
    const due = minutesToPage(99, 1) / 60;
    await playing(
      { slos: "errors({ objective: 99 })" },
      {
        every: "1s",
        evaluate: "1s",
        series: requestSeries("prometheus", counter([50, 420]), counter([0, 360], [50, 60])),
        expect: [
          { at: seconds(6 + due - 2 / 60), query: page("errors"), value: undefined },
          { at: seconds(6 + due + 2 / 60), query: page("errors"), value: 1 },
        ],
      },
      ...["--scale", "1/60"],
    );
  });

  it("comes when every request is too slow, at the quarter that caps a low objective", async () => {
    const due = minutesToPage(95, 1);
    expect(due).toBe(15);
    const bucket = (le: string) =>
      `http_request_duration_seconds_bucket{job="shop",instance="a",method="GET",path_template="/x",status_code="200",le="${le}"}`;
    await playing(
      { slos: 'latency({ objective: 95, threshold: "500ms" })' },
      {
        ...HALF_MINUTE,
        series: {
          ...UP,
          [bucket("0.5")]: counter([50, QUIET], [0, 60]),
          [bucket("+Inf")]: counter([50, QUIET + 60]),
          'http_request_duration_seconds_count{job="shop",instance="a",method="GET",path_template="/x",status_code="200"}':
            counter([50, QUIET + 60]),
        },
        expect: [
          { at: seconds(QUIET_MINUTES + due - 1), query: page("latency"), value: undefined },
          { at: seconds(QUIET_MINUTES + due + 1), query: page("latency"), value: 1 },
        ],
      },
    );
  });

  it.each(["1", "1.0"])(
    "reads the bucket of a whole second as %s, as each Prometheus writes it",
    async (le) => {
      const series = (metric: string, more = "") =>
        `${metric}{job="shop",instance="a",method="GET",path_template="/x",status_code="200"${more}}`;
      await playing(
        { slos: 'latency({ objective: 95, threshold: "1s" })' },
        {
          ...HALF_MINUTE,
          series: {
            ...UP,
            [series("http_request_duration_seconds_bucket", `,le="${le}"`)]: counter([40, 40]),
            [series("http_request_duration_seconds_count")]: counter([50, 40]),
          },
          expect: [{ at: "15m", query: "round(sum(slo:sli_error:ratio_rate5m), 0.001)", value: 0.2 }],
        },
      );
    },
  );

  it("comes for a process without room", async () => {
    const due = minutesToPage(99, 1);
    await playing(
      { slos: 'saturation({ inFlight: 200, eventLoopDelay: "200ms" })' },
      {
        ...HALF_MINUTE,
        series: {
          ...UP,
          'http_requests_in_flight{job="shop",instance="a"}': gauge([3, QUIET], [900, 60]),
          'nodejs_eventloop_delay_p99_seconds{job="shop",instance="a"}': gauge([0.01, QUIET + 60]),
        },
        expect: [
          { at: seconds(QUIET_MINUTES + due - 1), query: page("saturation"), value: undefined },
          { at: seconds(QUIET_MINUTES + due + 1.5), query: page("saturation"), value: 1 },
        ],
      },
    );
  });

  it("comes from the probe when a dead process reports nothing", async () => {
    await playing(
      { slos: 'availability({ objective: 99.9, probe: "/healthz" })' },
      {
        ...HALF_MINUTE,
        series: {
          'up{job="shop",instance="a"}': gauge([1, QUIET], [0, 60]),
          'probe_success{job="shop-probe",probe="/healthz",instance="http://a/healthz"}': gauge(
            [1, QUIET],
            [0, 60],
          ),
        },
        expect: [
          { at: "6h", query: anyAlert, value: undefined },
          // Five probes must fail, the minimum of bad events.
          { at: "6h1m", query: page("availability"), value: undefined },
          { at: "6h3m", query: page("availability"), value: 1 },
          { at: "6h30s", query: firing("TargetDown"), value: undefined },
          { at: "6h1m30s", query: firing("TargetDown", { severity: "page" }), value: 1 },
          { at: "6h10m", query: firing("InstanceDown"), value: undefined },
        ],
      },
    );
  });

  it("comes at once for a new service that fails from its first minute, before any budget is known", async () => {
    await playing(
      { slos: "errors({ objective: 99 })" },
      {
        ...HALF_MINUTE,
        series: requestSeries("prometheus", counter([10, 20]), counter([10, 20])),
        expect: [{ at: "2m", query: page("errors"), value: 1 }],
      },
    );
  });
});

describe("no page", () => {
  it("comes for five failures in a hundred against one: a ticket does, after its hours", async () => {
    await playing(
      { slos: "errors({ objective: 99 })" },
      {
        every: "1m",
        evaluate: "5m",
        series: requestSeries("prometheus", counter([100, 6000]), counter([0, 4320], [5, 1680])),
        expect: [
          { at: "3d", query: anyAlert, value: undefined },
          // Three of a hundred over a day, and one over three days: fourteen hours and a half of five.
          { at: "3d14h", query: anyAlert, value: undefined },
          { at: "3d15h", query: ticket("errors"), value: 1 },
          { at: "4d4h", query: page("errors"), value: undefined },
        ],
      },
    );
  });

  it("comes for one failure in a quiet night, nor a ticket, whatever the objective", async () => {
    const declaration = { slos: "errors({ objective: 99.9 })" };
    const series = requestSeries("prometheus", counter([1, 720]), counter([0, 480], [1, 1], [0, 239]));
    const never = (query: string) =>
      ["8h2m", "8h5m", "8h30m", "9h", "12h"].map((at) => ({ at, query, value: undefined }));
    await playing(declaration, { every: "1m", evaluate: "30s", series, expect: never(page("errors")) });
    await playing(declaration, { every: "1m", evaluate: "5m", series, expect: never(anyAlert) });
  });

  it("comes for the first failures of a new service", async () => {
    await playing(
      { slos: "errors({ objective: 99.9 })" },
      {
        ...HALF_MINUTE,
        series: requestSeries("prometheus", counter([1, 60]), counter([1, 4], [0, 56])),
        expect: ["1m", "2m", "3m", "5m", "10m"].map((at) => ({
          at,
          query: page("errors"),
          value: undefined,
        })),
      },
    );
  });

  it("and no ratio comes of no traffic, and what was known stays known", async () => {
    await playing(
      { slos: "errors({ objective: 99 })" },
      {
        ...HALF_MINUTE,
        series: requestSeries("prometheus", counter([50, 120], [0, 900]), counter([1, 2], [0, 1018])),
        expect: [
          { at: "30m", query: "count(slo:sli_error:ratio_rate5m)", value: 1 },
          { at: "3h", query: "count(slo:sli_error:ratio_rate5m)", value: undefined },
          ...["ratio_rate5m", "ratio_rate1h", "ratio_rate6h", "ratio_rate1d", "ratio_rate30d"].map(
            (name) => ({
              at: "8h",
              query: `count(slo:sli_error:${name} != slo:sli_error:${name})`,
              value: undefined,
            }),
          ),
          { at: "8h", query: "count(slo:period_error_budget_remaining:ratio > 0.9 < 1)", value: 1 },
          { at: "8h", query: anyAlert, value: undefined },
        ],
      },
    );
  });

  it("comes while no server error has ever been counted", async () => {
    await playing(
      { slos: "errors({ objective: 99 })" },
      {
        ...HALF_MINUTE,
        series: requestSeries("prometheus", counter([50, 120])),
        expect: [
          { at: "50m", query: "sum(slo:sli_error:ratio_rate5m)", value: 0 },
          { at: "50m", query: "sum(slo:period_error_budget_remaining:ratio)", value: 1 },
          { at: "50m", query: anyAlert, value: undefined },
        ],
      },
    );
  });

  it("comes for an SLO that asks for tickets only", async () => {
    await playing(
      { slos: "errors({ objective: 99, page: false })" },
      {
        ...HALF_MINUTE,
        series: requestSeries("prometheus", counter([50, 200]), counter([50, 200])),
        expect: [
          { at: "1h30m", query: page("errors"), value: undefined },
          { at: "1h30m", query: ticket("errors"), value: 1 },
        ],
      },
    );
  });
});

describe("the budget of the period", () => {
  it("stands in the alert, with the time until it is gone", async () => {
    const { file } = await generatedOnce(scratch, { slos: "errors({ objective: 99 })" });
    const said = await alertsAt(scratch, file("prometheus/rules.yml"), "ErrorBudgetBurn", "13h15m", {
      every: "1m",
      evaluate: "5m",
      series: requestSeries("prometheus", counter([50, 900]), counter([0, 720], [20, 180])),
    });
    expect(said).toContain('summary="shop: 40% of requests answered with a server error"');
    expect(said).toContain(
      "Promised: 99 % of requests are answered without a server error. 93.5% of the 30d error budget is left; " +
        "at this rate it is gone in 16h 50m 0s.",
    );
  });

  it("weighs by traffic: a bad night of few requests spends little", async () => {
    await playing(
      { slos: "errors({ objective: 99 })" },
      {
        every: "1m",
        evaluate: "5m",
        series: requestSeries(
          "prometheus",
          counter([1000, 720], [1, 720], [1000, 720]),
          counter([0, 720], [1, 720], [0, 720]),
        ),
        expect: [
          // 720 of 1,440,720 requests: a twentieth of what may fail. An average of ratios would say 33 times all of it.
          { at: "1d12h", query: "round(sum(slo:period_burn_rate:ratio), 0.01)", value: 0.05 },
          // Of the budget of thirty days a day and a half has spent a twentieth of its twentieth.
          {
            at: "1d12h",
            query: "round(sum(slo:period_error_budget_remaining:ratio), 0.0001)",
            value: 0.9975,
          },
        ],
      },
    );
  });

  it("outlives a gap in which Prometheus was away", async () => {
    await playing(
      { slos: "errors({ objective: 99 })" },
      {
        every: "1m",
        evaluate: "5m",
        series: {
          ...UP,
          'http_requests_total{job="shop",instance="a"}': "0+100x60 _x60 12000+100x300",
          'http_server_errors_total{job="shop",instance="a"}': "0+0x60 _x60 0+0x300",
        },
        expect: [{ at: "5h", query: "sum(slo:period_error_budget_remaining:ratio)", value: 1 }],
      },
    );
  });
});

describe("what is missing", () => {
  it("is a page when the target is gone, and when it was never there", async () => {
    const slos = "errors({ objective: 99 })";
    await playing(
      { slos },
      {
        ...HALF_MINUTE,
        series: { 'up{job="shop",instance="a"}': `${gauge([1, 60])} stale` },
        expect: [
          { at: "29m", query: firing("TargetAbsent"), value: undefined },
          { at: "32m", query: firing("TargetAbsent", { severity: "page" }), value: 1 },
        ],
      },
    );
    await playing(
      { slos },
      { ...HALF_MINUTE, series: {}, expect: [{ at: "2m", query: firing("TargetAbsent"), value: 1 }] },
    );
  });

  it("is a ticket when one of two instances is down, and no page", async () => {
    await playing(
      { slos: "errors({ objective: 99 })" },
      {
        ...HALF_MINUTE,
        series: {
          ...requestSeries("prometheus", counter([50, 60])),
          'up{job="shop",instance="b"}': gauge([0, 60]),
        },
        expect: [
          { at: "4m", query: firing("InstanceDown"), value: undefined },
          { at: "6m", query: firing("InstanceDown", { instance: "b", severity: "ticket" }), value: 1 },
          { at: "20m", query: firing("TargetDown"), value: undefined },
        ],
      },
    );
  });

  it("is a ticket when the service answers and counts no requests", async () => {
    await playing(
      { slos: "errors({ objective: 99 })" },
      {
        ...HALF_MINUTE,
        series: UP,
        expect: [
          { at: "10m", query: firing("MetricsMissing"), value: undefined },
          { at: "20m", query: firing("MetricsMissing", { slo: "errors", severity: "ticket" }), value: 1 },
        ],
      },
    );
  });

  it("is a ticket, not a promise kept, when the histogram lacks the threshold's bucket", async () => {
    const labels = 'job="shop",instance="a",method="GET",path_template="/x",status_code="200"';
    await playing(
      { slos: 'latency({ objective: 95, threshold: "500ms" })' },
      {
        ...HALF_MINUTE,
        series: {
          ...UP,
          [`http_request_duration_seconds_bucket{${labels},le="0.25"}`]: counter([50, 120]),
          [`http_request_duration_seconds_count{${labels}}`]: counter([50, 120]),
        },
        expect: [
          { at: "30m", query: firing("MetricsMissing", { slo: "latency" }), value: 1 },
          { at: "30m", query: "count(slo:period_error_budget_remaining:ratio)", value: undefined },
        ],
      },
    );
  });

  it("is a ticket when nobody probes", async () => {
    await playing(
      { slos: 'availability({ objective: 99.9, probe: "/healthz" })' },
      {
        ...HALF_MINUTE,
        series: UP,
        expect: [
          { at: "6m", query: firing("ProbeMissing", { slo: "availability", severity: "ticket" }), value: 1 },
        ],
      },
    );
  });

  it("is a ticket when the running service was built from another declaration", async () => {
    const info =
      'seakeep_service_info{job="shop",instance="a",service="shop",version="1",declaration="0123456789abcdef"}';
    await playing(
      { slos: "errors({ objective: 99 })" },
      {
        ...HALF_MINUTE,
        series: { ...requestSeries("prometheus", counter([50, 200])), [info]: gauge([1, 200]) },
        expect: [
          { at: "50m", query: firing("DeclarationDrift"), value: undefined },
          { at: "61m", query: firing("DeclarationDrift", { severity: "ticket" }), value: 1 },
        ],
      },
    );
  });
});

describe("seakeep generate", () => {
  it("writes the same bytes again, and finds nothing to say", async () => {
    const project = await generated(scratch, { slos: ALL_KINDS });
    const before = await readFile(project.file("prometheus/rules.yml"), "utf8");
    const again = await project.seakeep("generate", "--json");
    expect(await readFile(project.file("prometheus/rules.yml"), "utf8")).toBe(before);
    expect(JSON.parse(again.stdout)).toMatchObject({
      files: expect.arrayContaining([{ path: "prometheus/rules.yml", state: "unchanged" }]),
    });
    const checked = await project.seakeep("generate", "--check");
    expect(checked).toMatchObject({ code: 0, stderr: "" });
  });

  it("--check shows what drifted, as a diff, and exits 1", async () => {
    const project = await generated(scratch, { slos: ALL_KINDS });
    const rules = project.file("prometheus/rules.yml");
    const text = await readFile(rules, "utf8");
    await writeFile(rules, text.replace("for: 1m", "for: 10m"));
    await writeFile(project.file("prometheus/old.yml"), text);
    const { code, stdout } = await project.seakeep("generate", "--check");
    expect(code).toBe(1);
    expect(stdout).toContain("-        for: 10m\n+        for: 1m\n");
    expect(stdout).toContain("prometheus/old.yml is no longer asked for");
    const json = await project.seakeep("generate", "--check", "--json");
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({
      drift: true,
      files: expect.arrayContaining([{ path: "prometheus/old.yml", state: "extra" }]),
    });
  });

  it("leaves somebody else's file alone until told to replace it", async () => {
    const project = await generated(scratch, { slos: ALL_KINDS });
    const file = project.file("alertmanager/alertmanager.yml");
    await writeFile(file, "route: {}\n");
    const refused = await project.seakeep("generate");
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("SK-GENERATE-002");
    expect(await readFile(file, "utf8")).toBe("route: {}\n");
    expect((await project.seakeep("generate", "--force")).code).toBe(0);
    expect(await readFile(file, "utf8")).toContain("receivers:");
  });

  it("ends with 130 on Ctrl-C, at once on the second, and has printed no result", async () => {
    const project = await generated(scratch, { slos: ALL_KINDS });
    const hangs =
      'process.stderr.write("loading\\n"); setInterval(() => {}, 1000); await new Promise(() => {});';
    await writeFile(join(project.folder, "hangs.config.ts"), `${hangs} export default 1;`);
    const child = project.start("generate", "--config", "hangs.config.ts");
    await once(child.stderr, "data");
    child.kill("SIGINT");
    const again = setInterval(() => child.kill("SIGINT"), 50);
    const [code] = await once(child, "close");
    clearInterval(again);
    expect(code).toBe(130);
    expect(child.stdout.read()).toBeNull();
  });
});
