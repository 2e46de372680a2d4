import { relative, resolve, sep } from "node:path";
import { milliseconds, SeakeepError } from "@seakeep/contract";
import { InvalidArgumentError, Option } from "commander";
import type { VerdictName } from "../checks/check.ts";
import { format } from "../checks/formats/index.ts";
import { type Plan, plan } from "../checks/plan.ts";
import type { CheckReport } from "../checks/report.ts";
import { runChecks } from "../checks/run.ts";
import { EXIT, type ExitCode } from "../exit.ts";
import { writeWhole } from "../generate/folder.ts";
import type { Environment } from "../print.ts";
import { type Address, parseAddress } from "../system/listen.ts";
import { type CommonVerbOptions, examples, type Verb } from "../verb.ts";
import { type DestinationOptions, defineDestinations, destinations } from "./check/destinations.ts";
import { checkEdges } from "./check/edges.ts";
import { watchChecks } from "./check/watch.ts";

interface CheckVerbOptions extends CommonVerbOptions, DestinationOptions {
  readonly url?: string;
  readonly schema?: string;
  readonly only?: readonly string[];
  readonly expectVersion?: string;
  readonly timeout: number;
  readonly attempts: number;
  readonly watch?: boolean;
  readonly every?: number;
  readonly listen?: Address;
}

/** Checks under way at once: enough for the usual handful, too few to be a load. */
const CONCURRENCY = 4;

/** Between two attempts, milliseconds: a service that is starting is not asked without a breath. */
const PAUSE = 1_000;

/** Between two runs of a watch, milliseconds. */
const EVERY = 30_000;

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
      .option(
        "--expect-version <version>",
        "fail unless every answer that names its version names this one",
        notEmpty,
      )
      .addOption(
        new Option("--timeout <duration>", "time for each check").default(10_000, "10s").argParser(duration),
      )
      .option(
        "--attempts <count>",
        "tries of a check that could not tell, a second apart; a failed one is not repeated",
        count,
        1,
      );
    defineDestinations(command);
    command
      .option("--watch", "run again and again until Ctrl-C, one line a run")
      .option("--every <duration>", 'with --watch: from one run to the next (default: "30s")', duration)
      .option("--listen <host:port>", "with --watch: serve the verdicts on /metrics", address)
      .addHelpText("after", examples(EXAMPLES) + EXIT_CODES);
  },
  async run(options, invocation) {
    const { cwd, environment, output, signal } = invocation;
    const to = destinations(options, output.json);
    refuseMixture(options);
    const planned = await plan(options, { cwd, environment });
    const { timeout: timeoutMs, attempts, expectVersion } = options;
    const run = () =>
      runChecks(
        planned.checks,
        planned.target,
        {
          ...{ timeoutMs, attempts, pauseMs: PAUSE, concurrency: CONCURRENCY, signal },
          ...(expectVersion === undefined ? {} : { expectVersion }),
        },
        checkEdges(environment),
      );
    if (options.watch) {
      const service = planned.target.service?.name ?? planned.target.url.host;
      const { every: everyMs = EVERY, listen } = options;
      return await watchChecks(run, { everyMs, service, ...(listen && { listen }) }, invocation);
    }
    const report = await run();
    const shown = shownFile(planned.file, cwd, environment);
    const plain = { paint: (_colour: string, text: string) => text, ...shown };
    for (const [file, name] of to.files) {
      await writeWhole(resolve(cwd, file), await format(name, report, plain));
    }
    const text = await format(to.terminal, report, { paint: output.paint, ...shown });
    output.result(report, () => text);
    output.note(`next: ${next(report, options, planned)}`);
    return signal.aborted ? EXIT.interrupted : EXITS[report.verdict];
  },
};

const EXAMPLES = [
  ["seakeep check --url https://courses.example.org", "The default checks; no configuration needed."],
  ["METRICS_TOKEN=... seakeep check", "The checks of seakeep.config.ts, with the metrics' token."],
  ["seakeep check --only health --only openapi", "Two of them."],
  [
    "seakeep check --expect-version 2026-11-23.1",
    "Fail too when the deploy has not arrived, or not everywhere.",
  ],
  [
    "seakeep check --format github --format junit --output junit.xml",
    "In GitHub Actions: annotations, and a file for its test report.",
  ],
  [
    "seakeep check --json | jq '.checks[] | select(.verdict != \"passed\")'",
    "What did not pass, with its evidence.",
  ],
  ["seakeep check --watch --every 1m --listen 127.0.0.1:9842", "All the time, for Prometheus."],
] as const;

const EXIT_CODES = `
Exit codes: 0 all passed, 1 a check failed, 2 wrong usage or configuration, 3 could not tell (which is no pass).
`;

/** A watch prints a line a run, and what belongs to a watch means nothing without one. */
function refuseMixture({ watch, every, listen, format, output }: CheckVerbOptions): void {
  const wrong = watch
    ? [format && "--format", output && "--output"]
    : [every && "--every", listen && "--listen"];
  const [first] = wrong.filter((option) => option !== undefined);
  if (first === undefined) return;
  throw new SeakeepError("SK-CHECK-010", `${first} ${watch ? "does not go with" : "needs"} --watch.`);
}

/** The operations file as a review shows it: below the repository, where that is known. */
function shownFile(
  file: string | undefined,
  cwd: string,
  { GITHUB_WORKSPACE: root = cwd }: Environment,
): { file?: string } {
  const shown = file === undefined ? "" : relative(root, file);
  return shown === "" || shown.startsWith("..") ? {} : { file: shown.split(sep).join("/") };
}

/** After a failure the same checks again, once it is mended; after a pass the evidence. */
function next({ checks, ok }: CheckReport, options: CheckVerbOptions, { target }: Plan): string {
  const base = [
    "seakeep check",
    ...(options.config === undefined ? [] : ["--config", options.config]),
    ...(options.url === undefined ? [] : ["--url", target.url.href]),
    ...(options.schema === undefined ? [] : ["--schema", options.schema]),
    ...(options.expectVersion === undefined ? [] : ["--expect-version", options.expectVersion]),
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

function notEmpty(written: string): string {
  if (written.trim() !== "") return written;
  throw new InvalidArgumentError("It must not be empty.");
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

function address(written: string): Address {
  const parsed = parseAddress(written);
  if (parsed === undefined) throw new InvalidArgumentError("Write host:port, such as 127.0.0.1:9842.");
  return parsed;
}
