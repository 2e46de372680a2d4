import { readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { parse } from "yaml";
import { binary } from "../../stack/binaries.ts";
import { runCommand } from "../../stack/commands.ts";
import type { Scratch } from "../../stack/scratch.ts";

/** What a Prometheus would have scraped, and what its rules must then say. */
export interface Scenario {
  /** Time between the samples of the series. */
  readonly every: string;
  /**
   * Rule evaluation. promtool evaluates every group at this one interval: 30s for what pages, and 5m, that of the long
   * windows, for tickets and budgets; else the disjoint counts of those would overlap.
   */
  readonly evaluate: string;
  /** promtool's notation: `0+10x60` is 61 samples that grow by 10. */
  readonly series: Readonly<Record<string, string>>;
  readonly expect: readonly Expectation[];
}

/** A query and its one value without labels; `undefined` for no result at all. */
interface Expectation {
  readonly at: string;
  readonly query: string;
  readonly value: number | undefined;
}

let played = 0;

/** Lets promtool play a scenario through generated rules; resolves with everything that went otherwise. */
export async function play(scratch: Scratch, rulesFile: string, scenario: Scenario): Promise<string> {
  const { code, said } = await promtool(scratch, rulesFile, scenario, {
    promql_expr_test: scenario.expect.map(({ at, query, value }) => ({
      expr: query,
      eval_time: at,
      exp_samples: value === undefined ? [] : [{ labels: "{}", value }],
    })),
  });
  // A rule that fails to evaluate is reported and does not fail the run: only its silence would show.
  return code === 0 && !said.includes("err:") ? "" : `promtool ended with ${code}\n${said}`;
}

/** The alerts of one name at a time, as promtool prints them: with the text that people would read. */
export async function alertsAt(
  scratch: Scratch,
  rulesFile: string,
  alertname: string,
  at: string,
  scenario: Omit<Scenario, "expect">,
): Promise<string> {
  // promtool prints alerts only where it expected others.
  const expectNone = { alert_rule_test: [{ alertname, eval_time: at, exp_alerts: [] }] };
  return (await promtool(scratch, rulesFile, scenario, expectNone)).said;
}

async function promtool(
  scratch: Scratch,
  rulesFile: string,
  { every, evaluate, series }: Omit<Scenario, "expect">,
  test: object,
): Promise<{ code: number | undefined; said: string }> {
  const testFile = join(dirname(rulesFile), `scenario-${played++}.yml`);
  const input_series = Object.entries(series).map(([name, values]) => ({ series: name, values }));
  // JSON is YAML.
  const written = JSON.stringify({
    rule_files: [basename(rulesFile)],
    // Otherwise it takes groups in any order, and an alert may quote the figure of one evaluation before.
    group_eval_order: await groupsOf(rulesFile),
    evaluation_interval: evaluate,
    tests: [{ interval: every, input_series, ...test }],
  });
  await writeFile(testFile, written);
  const args = ["test", "rules", testFile];
  const { code, stdout, stderr } = await runCommand(scratch, { command: binary("promtool"), args });
  return { code, said: stdout + stderr };
}

/** Names of the rule groups, as they are written: recording rules come before what reads them. */
async function groupsOf(rulesFile: string): Promise<string[]> {
  const { groups } = parse(await readFile(rulesFile, "utf8")) as { groups: { name: string }[] };
  return groups.map(({ name }) => name);
}

/** Whether an alert fires: 1, or nothing. */
export function firing(alert: string, labels: Readonly<Record<string, string>> = {}): string {
  const matchers = Object.entries({ alertname: alert, alertstate: "firing", ...labels }).map(
    ([name, value]) => `${name}="${value}"`,
  );
  return `group(ALERTS{${matchers.join(",")}})`;
}

/** A counter from zero, in steps of so much for so many samples. */
export function counter(...phases: readonly (readonly [perSample: number, samples: number])[]): string {
  let value = 0;
  const parts = ["0"];
  for (const [step, samples] of phases) {
    parts.push(`${value + step}+${step}x${samples - 1}`);
    value += step * samples;
  }
  return parts.join(" ");
}

/** A gauge that stays at each value for so many samples. */
export function gauge(...phases: readonly (readonly [value: number, samples: number])[]): string {
  return phases.map(([value, samples]) => `${value}+0x${samples - 1}`).join(" ");
}
