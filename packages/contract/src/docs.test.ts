import { readFileSync } from "node:fs";
import { describe, expect, it, test } from "vitest";
import {
  budgetSpent,
  burnWindows,
  LOWEST_PAGING_OBJECTIVE,
  type Severity,
  timeToAlert,
  timeToExhaustion,
} from "./budget.ts";
import * as contract from "./index.ts";
import { errorBudget, formatDuration } from "./units.ts";

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
/** The text on one line, so that a sentence is found wherever it is wrapped. */
const flat = (text: string): string => text.replace(/\s+/g, " ");

const DAY = 86_400_000;
const HOUR = DAY / 24;
const PERIOD = 30 * DAY;

const number = (value: number): string => String(Number(value.toPrecision(3)));
const percent = (share: number): string => `${number(share * 100)} %`;
const factorText = (factor: number): string => String(Number(factor.toPrecision(4)));

/** A time as the page writes it: minutes below an hour, hours below two days. */
function time(ms: number | undefined): string {
  if (ms === undefined) return "never";
  if (ms < HOUR) return `${number(ms / 60_000)} min`;
  return ms < 2 * DAY ? `${number(ms / HOUR)} h` : `${number(ms / DAY)} d`;
}

const firstAlert = (severity: Severity, objective: number, bad: number): number | undefined =>
  burnWindows(errorBudget(objective), PERIOD)
    .filter((window) => window.severity === severity)
    .flatMap((window) => timeToAlert(window, bad) ?? [])
    .sort((a, b) => a - b)[0];

/** Rows of the table below a heading of a page. */
function table(page: string, heading: string): string[] {
  const [, section] = page.split(`## ${heading}\n`);
  const rows = (section ?? "")
    .split(/^##/m)[0]!
    .split("\n")
    .filter((line) => line.startsWith("|"));
  return rows.slice(2);
}

describe("docs/explanation/error-budgets.md", () => {
  const page = read("docs/explanation/error-budgets.md");
  const says = (sentence: string): void => expect(flat(page)).toContain(sentence);

  it("shows the windows and factors of each period", () => {
    const rows = [7, 28, 30, 90].flatMap((days) =>
      burnWindows(0.001, days * DAY).map(
        ({ severity, long, short, budgetShare, factor }) =>
          `| ${days}d | ${severity} | ${formatDuration(long)} | ${formatDuration(short)} | ${percent(budgetShare)} | ${factorText(factor)} |`,
      ),
    );
    expect(table(page, "The windows")).toEqual(rows);
  });

  it("shows the share of bad events from which on each objective alerts", () => {
    const rows = [99.9, 99.5, 99, 95, 90, LOWEST_PAGING_OBJECTIVE].map((objective) => {
      const cells = burnWindows(errorBudget(objective), PERIOD).map(
        ({ threshold, capped }) => `${percent(threshold)}${capped ? ", capped" : ""}`,
      );
      return `| ${objective} % | ${cells.join(" | ")} |`;
    });
    expect(table(page, "The cap")).toEqual(rows);
  });

  it("shows how long a failure takes to alert, and what it costs", () => {
    const rows = [99.9, 99, 95].flatMap((objective) =>
      [1, 0.5, 0.1, 0.05].map((bad) => {
        const budget = errorBudget(objective);
        const page = firstAlert("page", objective, bad);
        const spent = page === undefined ? "" : ` (${percent(budgetSpent(bad, page, budget, PERIOD))})`;
        const exhausted = timeToExhaustion(1, bad / budget, PERIOD);
        return `| ${objective} % | ${percent(bad)} | ${time(page)}${spent} | ${time(firstAlert("ticket", objective, bad))} | ${time(exhausted)} |`;
      }),
    );
    expect(table(page, "How long it takes")).toEqual(rows);
  });

  it("explains the budget with the code's figures", () => {
    const budget = errorBudget(99.9);
    says(`An objective of 99.9 % leaves a budget of ${percent(budget)}`);
    says(`${number((budget * PERIOD) / 60_000)} minutes of total outage in 30 days`);
    const [fastest] = burnWindows(budget, PERIOD);
    says(`${percent(fastest!.budgetShare)} × 30 d ÷ 1 h = ${factorText(fastest!.factor)}`);
  });

  it("explains the cap with the code's figures", () => {
    const [uncapped] = burnWindows(errorBudget(99.9), PERIOD);
    const budget = errorBudget(95);
    const [capped] = burnWindows(budget, PERIOD);
    says(`${factorText(uncapped!.factor)} × ${percent(budget)} = ${percent(uncapped!.factor * budget)}`);
    says(`${number(uncapped!.factor * budget * 60)} minutes of it`);
    says(`waits for more than ${percent(capped!.threshold)} of all events to fail`);
    says(
      `after ${number(timeToAlert(capped!, 1)! / 60_000)} minutes, at ${percent(capped!.budgetShare)} of the budget`,
    );
    says(`from an objective of ${number(100 - 100 / uncapped!.factor)} % up`);
    says(`An SLO that pages needs an objective of at least ${LOWEST_PAGING_OBJECTIVE} %`);
    const ticket = burnWindows(errorBudget(80), 90 * DAY).find(({ severity }) => severity === "ticket");
    says(`no ticket for more than ${percent(ticket!.threshold)}`);
  });

  it("explains the floor with the code's figures", () => {
    const shares = burnWindows(0.01, 30 * DAY);
    const unfloored = (shares[3]!.budgetShare * 28) / 3;
    says(`${percent(shares[3]!.budgetShare)} × 28 d ÷ 3 d = ${unfloored.toFixed(2)}`);
    expect(burnWindows(0.01, 28 * DAY)[3]!.factor).toBe(1);
  });

  it("explains what 5 % errors against 99 % do", () => {
    const budget = errorBudget(99);
    const windows = burnWindows(budget, PERIOD);
    const ticket = firstAlert("ticket", 99, 0.05)!;
    const pages = windows.filter(({ severity }) => severity === "page").map(({ factor }) => factor);
    expect(firstAlert("page", 99, 0.05)).toBeUndefined();
    says(`a burn rate of ${number(0.05 / budget)}, below ${factorText(Math.min(...pages))}`);
    says(
      `A ticket opens after ${time(ticket)}, with ${percent(budgetSpent(0.05, ticket, budget, PERIOD))} of the budget gone`,
    );
    says(`the whole budget lasts ${number(timeToExhaustion(1, 0.05 / budget, PERIOD) / DAY)} days`);
  });

  it("states the minimum of bad events that SLOs have", () => {
    const service = contract.defineService({
      name: "x",
      owner: "a",
      slos: [contract.errors({ objective: 99.9 })],
    });
    says(`at least ${service.slos[0]!.minimumBadEvents} bad events`);
    const [fastest] = service.slos.flatMap((slo) => burnWindows(slo.budget, service.window));
    says(`One failure among 60 requests is ${percent(1 / 60)} bad, above the ${percent(fastest!.threshold)}`);
    says(`${service.slos[0]!.minimumBadEvents} seconds of failing at one request a second`);
  });
});

/** Runs an example of a page: plain calls, with the package in place of its import. */
function run(example: string): unknown {
  const body = example
    .replace(/^import .*;\n/gm, "")
    .replace(/export const (\w+) =/, "return")
    .trim();
  return new Function(...Object.keys(contract), body)(...Object.values(contract));
}

const examples = (page: string): string[] => [...page.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code!);

describe("examples", () => {
  test.each([
    "docs/reference/declaration.md",
    "packages/contract/README.md",
    ...["availability", "errors", "latency", "saturation"].map(
      (kind) => `packages/contract/src/slo/${kind}/README.md`,
    ),
  ])("of %s run", (path) => {
    const code = examples(read(path));
    expect(code.length).toBeGreaterThan(0);
    for (const example of code)
      expect(run(example)).toMatchObject({ name: "courses-api", hash: expect.any(String) });
  });
});

describe("the page of each kind", () => {
  const slos = contract.defineService({
    name: "courses-api",
    owner: "learning",
    slos: [
      contract.availability({ objective: 99.9, probe: "/healthz" }),
      contract.errors({ objective: 99 }),
      contract.latency({ objective: 95, threshold: "500ms" }),
      contract.saturation({ inFlight: 200, eventLoopDelay: "200ms" }),
    ],
  }).slos;

  test.each(slos.map((slo) => [slo.kind, slo] as const))(
    "%s quotes the promise and the very PromQL",
    (kind, slo) => {
      const page = read(`packages/contract/src/slo/${kind}/README.md`);
      const { bad, total, record } = slo.indicator({
        names: contract.metricNames("prometheus"),
        job: 'job="courses-api"',
        probeJob: 'job="courses-api-probe",probe="/healthz"',
        id: `seakeep_id="courses-api-${kind}"`,
      });
      expect(page).toContain(`> ${slo.sentence}`);
      const quoted = [...page.matchAll(/```promql\n(.*?)```/gs)].map(([, code]) =>
        code!.replace(/^#.*\n/gm, "").trim(),
      );
      expect(quoted).toEqual([...(record ?? []).map(({ expr }) => expr), bad("5m"), total("5m")]);
    },
  );
});

describe("docs/reference/declaration.md", () => {
  const page = read("docs/reference/declaration.md");

  /** Every key that is known where an unknown one is written, from the message. */
  const keysOf = (declaration: unknown, path: string): string[] => {
    try {
      contract.defineService(declaration as contract.ServiceDeclaration);
    } catch (error) {
      const problems = (error as contract.SeakeepError).problems;
      const { wanted } = problems.find((problem) => problem.path === `${path}qqqqqqqq`)!;
      return wanted.replace(/^only /, "").split(", ");
    }
    throw new Error("an unknown key was accepted");
  };
  const documented = (heading: string): string[] =>
    table(page, heading).map((row) => /^\| `([\w.]+)`/.exec(row)?.[1] ?? row);
  const odd = { qqqqqqqq: 1 } as never;
  const slo = (declared: contract.SloDeclaration): string[] => keysOf({ slos: [declared] }, "slos[0].");
  const own = (declared: contract.SloDeclaration): string[] =>
    slo(declared).filter((key) => !["name", "page", "minimumBadEvents"].includes(key));

  it("has a row for each field of the service, and no other", () => {
    const top = keysOf(odd, "").flatMap((key) => {
      if (key === "recovery")
        return keysOf({ recovery: odd }, "recovery.").map((inner) => `recovery.${inner}`);
      return key === "audit" ? keysOf({ audit: odd }, "audit.").map((inner) => `audit.${inner}`) : [key];
    });
    expect(documented("The service").sort()).toEqual(top.sort());
  });

  it("has a row for each option of each kind, and no other", () => {
    expect(documented("Every SLO").sort()).toEqual(["minimumBadEvents", "name", "page"]);
    expect(documented("availability").sort()).toEqual(own(contract.availability(odd)).sort());
    expect(documented("errors").sort()).toEqual(own(contract.errors(odd)).sort());
    expect(documented("latency").sort()).toEqual(own(contract.latency(odd)).sort());
    expect(documented("saturation").sort()).toEqual(own(contract.saturation(odd)).sort());
  });

  it("states the defaults and limits of the code", () => {
    const service = contract.defineService({
      name: "x",
      owner: "a",
      slos: [contract.saturation({ inFlight: 1 })],
    });
    const [full] = service.slos;
    const rows = ["The service", "Every SLO", "saturation"].flatMap((heading) => table(page, heading));
    const row = (field: string): string => rows.find((text) => text.startsWith(`| \`${field}\``))!;
    expect(row("window")).toContain(`\`"${formatDuration(service.window)}"\``);
    expect(row("naming")).toContain(`\`"${service.naming}"\``);
    expect(row("minimumBadEvents")).toContain(`| ${full!.minimumBadEvents} |`);
    expect(row("objective")).toContain(`| ${full!.objective} |`);
    expect(flat(page)).toContain(`at least ${LOWEST_PAGING_OBJECTIVE}`);
    expect(flat(page)).toContain(`${service.edges.join(", ")} seconds`);
  });
});
