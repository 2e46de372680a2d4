import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { milliseconds } from "@seakeep/contract";
import { InvalidArgumentError, Option } from "commander";
import type { VerdictName } from "../checks/check.ts";
import { type Plan, plan } from "../checks/plan.ts";
import type { CheckReport } from "../checks/report.ts";
import { reportText } from "../checks/report-text.ts";
import { type CheckEdges, runChecks } from "../checks/run.ts";
import { readSecret } from "../config/values.ts";
import { EXIT, type ExitCode } from "../exit.ts";
import type { Environment } from "../print.ts";
import { type CommonVerbOptions, examples, type Verb } from "../verb.ts";

interface CheckVerbOptions extends CommonVerbOptions {
  readonly url?: string;
  readonly schema?: string;
  readonly only?: readonly string[];
  readonly timeout: number;
  readonly attempts: number;
}

/** Checks under way at once: enough for the usual handful, too few to be a load. */
const CONCURRENCY = 4;

/** Between two attempts, milliseconds: a service that is starting is not asked without a breath. */
const PAUSE = 1_000;

const EXITS: Readonly<Record<VerdictName, ExitCode>> = {
  passed: EXIT.passed,
  failed: EXIT.failed,
  unknown: EXIT.unknown,
};

/** `seakeep check`: is what was deployed healthy, closed where it must be, and true to what it says of itself? */
export const check: Verb<CheckVerbOptions> = {
  define(command) {
    command
      .option("--url <url>", "the service to check (default: the configuration's url)")
      .option("--schema <path>", "path of its OpenAPI document, where there is no configuration")
      .option("--only <name>", "run this check only, by name or kind; may be repeated", collect)
      .addOption(
        new Option("--timeout <duration>", "time for each check").default(10_000, "10s").argParser(duration),
      )
      .option(
        "--attempts <count>",
        "tries of a check that could not tell, a second apart; a failed one is not repeated",
        count,
        1,
      )
      .addHelpText(
        "after",
        examples([
          [
            "seakeep check --url https://courses.example.org",
            "The four default checks; no configuration needed.",
          ],
          ["METRICS_TOKEN=... seakeep check", "The checks of seakeep.config.ts, with the metrics' token."],
          ["seakeep check --only health --only openapi", "Two of them."],
          [
            "seakeep check --json | jq '.checks[] | select(.verdict != \"passed\")'",
            "What did not pass, with its evidence.",
          ],
        ]) + EXIT_CODES,
      );
  },
  async run(options, { cwd, environment, output, signal }) {
    const planned = await plan(options, { cwd, environment });
    const { timeout: timeoutMs, attempts } = options;
    const run = { timeoutMs, attempts, pauseMs: PAUSE, concurrency: CONCURRENCY, signal };
    const report = await runChecks(planned.checks, planned.target, run, edges(environment));
    output.result(report, () => reportText(report, output.paint));
    output.note(`next: ${next(report, options, planned)}`);
    return signal.aborted ? EXIT.interrupted : EXITS[report.verdict];
  },
};

const EXIT_CODES = `
Exit codes: 0 all passed, 1 a check failed, 2 wrong usage or configuration, 3 could not tell (which is no pass).
`;

function edges(environment: Environment): CheckEdges {
  return {
    fetch,
    now: () => performance.now(),
    date: () => new Date(),
    random: () => randomBytes(16).toString("hex"),
    readSecret: (secret) => readSecret(secret, environment, (path) => readFile(path, "utf8")),
  };
}

/** After a failure the same checks again, once it is mended; after a pass the evidence. */
function next({ checks, ok }: CheckReport, options: CheckVerbOptions, { target }: Plan): string {
  const base = [
    "seakeep check",
    ...(options.config === undefined ? [] : ["--config", options.config]),
    ...(options.url === undefined ? [] : ["--url", target.url.href]),
    ...(options.schema === undefined ? [] : ["--schema", options.schema]),
  ];
  const open = checks.filter(({ verdict }) => verdict !== "passed");
  const again = open.length === checks.length ? [] : open.flatMap(({ name }) => ["--only", name]);
  return [...base, ...(ok ? ["--json"] : again)]
    .map((word, index) => (index === 0 ? word : shellWord(word)))
    .join(" ");
}

function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function collect(name: string, before: readonly string[] = []): readonly string[] {
  return [...before, name];
}

function duration(text: string): number {
  const parsed = milliseconds(text);
  if (parsed !== undefined && parsed > 0 && parsed <= 3_600_000) return parsed;
  throw new InvalidArgumentError('It must be a duration up to an hour, such as "10s" or "500ms".');
}

function count(text: string): number {
  if (/^[1-9]\d?$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number from 1 to 99.");
}
