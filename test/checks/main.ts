import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { startCoursesApi } from "../stack/courses-api.ts";
import { openScratch, startPostgres } from "../stack/index.ts";
import { freePort } from "../stack/ports.ts";
import { COURSES } from "./change.ts";
import { RELEASE, TOKEN } from "./faults/fault.ts";
import { FAULTS } from "./faults/index.ts";
import { inTurns, runDefaults, tryFault } from "./trial.ts";

const HELP = `Holds the checks to the truth, against the real courses API on a real Postgres.

  script/checks                 every seeded fault, then 10000 runs in which nothing is wrong
  script/checks --runs 200      a taste
  script/checks --verbose       what was said of each fault

Exit codes: 0 at least 98 % of the faults were found and no run without a fault failed, 1 otherwise.
`;

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "10000" },
    verbose: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});

const say = (text: string) => void process.stdout.write(`${text}\n`);

async function faults(service: URL, verbose: boolean): Promise<boolean> {
  const trials = await inTurns(FAULTS, 4, (fault) => tryFault(fault, service));
  const missed = trials.filter(({ found }) => !found);
  const called = trials.filter(({ verdict }) => verdict === "passed");
  for (const { fault, found, told } of verbose ? trials : missed) {
    const given = fault.given === undefined ? "" : ` [given ${fault.given}]`;
    say(`${found ? "found" : "MISSED"}  ${fault.name}${given}\n        ${told}`);
  }
  const bare = trials.filter(({ fault }) => fault.given === undefined);
  const share = (some: typeof trials) => `${some.filter(({ found }) => found).length} of ${some.length}`;
  say(`faults found by the default checks: ${share(trials)}; by those given nothing: ${share(bare)}`);
  say(`faults that were called a pass: ${called.length}`);
  return trials.length - missed.length >= 0.98 * trials.length;
}

/** Runs of the default checks against a service that does all it should, bare, declared and of its version. */
async function healthyRuns(service: URL, count: number): Promise<boolean> {
  const given = [{}, { declared: true }, { expectVersion: RELEASE }];
  const alarms = () => `${wrong.failed} false failures, ${wrong.unknown} that could not tell`;
  const started = process.cpuUsage();
  const durations: number[] = [];
  const wrong = { failed: 0, unknown: 0, passed: 0 };
  let done = 0;
  await inTurns(Array.from({ length: count }), 4, async () => {
    const report = await runDefaults(service, given[done % given.length]!);
    done += 1;
    durations.push(report.durationMs);
    for (const check of report.checks.filter(({ verdict }) => verdict !== "passed")) {
      say(`FALSE ALARM  ${check.name} ${check.verdict}: ${check.reason}`);
    }
    wrong[report.verdict] += 1;
    if (done % 1_000 === 0) say(`${done} runs, ${alarms()}`);
  });
  const cpu = process.cpuUsage(started);
  const each = (cpu.user + cpu.system) / 1_000 / count;
  const median = durations.sort((a, b) => a - b)[Math.floor(durations.length / 2)];
  say(`runs without a fault: ${count}, ${alarms()}`);
  say(`a run: median ${median} ms with four at a time, ${each.toFixed(1)} ms of CPU`);
  return wrong.passed === count;
}

if (values.help) {
  say(HELP);
} else {
  const scratch = await openScratch();
  try {
    const postgres = await startPostgres(scratch);
    const databaseUrl = await postgres.createDatabase(`checks_${randomBytes(4).toString("hex")}`);
    const api = await startCoursesApi(scratch, { databaseUrl, metricsToken: TOKEN, port: await freePort() });
    const service = new URL(api.url);
    // Metrics of no request cannot be wrong.
    await fetch(new URL(COURSES, service));
    const found = await faults(service, values.verbose);
    const quiet = await healthyRuns(service, Number(values.runs));
    process.exitCode = found && quiet ? 0 : 1;
  } finally {
    await scratch.close();
  }
}
