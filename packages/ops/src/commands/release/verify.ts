import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { formatDuration, SeakeepError } from "@seakeep/contract";
import { InvalidArgumentError, Option } from "commander";
import { readChain } from "../../backup/chain.ts";
import { serviceFolder } from "../../backup/layout.ts";
import type { Store } from "../../backup/stores/store.ts";
import { defaultChecks } from "../../checks/defaults.ts";
import { runChecks } from "../../checks/run.ts";
import { loadConfig } from "../../config/load.ts";
import type { Ops } from "../../config/ops.ts";
import { EXIT } from "../../exit.ts";
import { writeWhole } from "../../generate/folder.ts";
import { actor } from "../../release/actor.ts";
import type { Look } from "../../release/compare/looks.ts";
import { RECORDS } from "../../release/record/record.ts";
import { nextLook } from "../../release/verify/looks.ts";
import { verifyForCi, verifyText } from "../../release/verify/text.ts";
import { type ReleaseVerify, verifyRelease } from "../../release/verify/verify.ts";
import { parseLabels, parseSince, type WindowOptions } from "../../release/verify/windows.ts";
import { parseVersion } from "../../release/version.ts";
import { openSignals } from "../../signals/open.ts";
import { type CommonVerbOptions, examples, type Invocation, type Verb } from "../../verb.ts";
import { version as tool } from "../../version.ts";
import { checkEdges } from "../check/edges.ts";
import { account, CLOCK } from "./edges.ts";
import { collect, duration, EXITS } from "./options.ts";
import { defineFormat, type FormatVerbOptions, print } from "./print.ts";
import { record } from "./sealing.ts";
import { defineRecords, openRecords, type RecordsVerbOptions } from "./where.ts";

interface VerifyVerbOptions extends CommonVerbOptions, RecordsVerbOptions, FormatVerbOptions {
  readonly version: string;
  readonly since?: string;
  readonly baseline: number;
  readonly label?: readonly string[];
  readonly oldLabel?: readonly string[];
  readonly first?: boolean;
  readonly looks: number;
  readonly for: number;
  readonly every: number;
  readonly timeout: number;
  readonly by?: string;
  readonly out?: string;
}

/** `seakeep release verify`: is what was shipped good? */
export const verify: Verb<VerifyVerbOptions> = {
  define(command) {
    const length = (flags: string, text: string, ms: number, shown: string) =>
      new Option(flags, text).default(ms, shown).argParser(duration);
    command
      .requiredOption("--version <name>", "the release, as the service tells its version")
      .option("--since <time>", "when it was deployed: RFC 3339, or how long ago (default: now)")
      .addOption(length("--baseline <duration>", "how long before that it is compared with", 3_600_000, "1h"))
      .option(
        "--label <name=value>",
        "both versions serve: a label of the new one's series; may be repeated",
        collect,
      )
      .option("--old-label <name=value>", "and of the old one's", collect)
      .option("--first", "there is no version before: hold it to its SLOs alone")
      .addOption(
        new Option("--looks <count>", "how often it will be asked about this version")
          .default(1)
          .argParser(count),
      )
      .addOption(length("--for <duration>", "how long to wait for enough to compare", 1_800_000, "30m"))
      .addOption(length("--every <duration>", "how often to count meanwhile", 15_000, "15s"))
      .addOption(length("--timeout <duration>", "time for each check", 10_000, "10s"))
      .option("--by <name>", "who asks (default: the CI's user, else the account)")
      .option("--out <file>", "write the verdict there too, as JSON");
    defineRecords(command);
    defineFormat(command);
    command.addHelpText(
      "after",
      `${examples([
        [
          "seakeep release verify --version v1.4.2",
          "Right after a deploy: waits until it has been seen enough.",
        ],
        ["seakeep release verify --version v1.4.2 --since 20m --for 1m", "A deploy of twenty minutes ago."],
        [
          "seakeep release verify --version v1.4.2 --label instance=10.0.0.7:3000 --old-label instance=10.0.0.6:3000",
          "A canary, beside the version that it is to replace.",
        ],
        [
          "seakeep release verify --version v1.4.2 --looks 3",
          "The first of three looks, in three steps of a rollout.",
        ],
      ])}
Each look is recorded where records are kept, and counts: asking again does not make a pass more likely.
Exit codes: 0 keep it, 1 it is worse or not healthy, 2 wrong usage or configuration, 3 it cannot be told.
`,
    );
  },
  async run(options, invocation) {
    const { cwd, environment, output, signal } = invocation;
    const version = parseVersion(options.version);
    const windows = windowsOf(options);
    const { ops } = await loadConfig({ file: options.config, cwd, environment });
    const store = await openRecords(options, ops, cwd, true);
    try {
      const report = await look({ options, invocation, ops, store, version, windows });
      signal.throwIfAborted();
      if (options.out !== undefined)
        await writeWhole(resolve(cwd, options.out), `${JSON.stringify(report, undefined, 2)}\n`);
      const { by, service } = report;
      // Before anything is shown: a look that nobody recorded could be taken again.
      const sealed =
        store &&
        (await record(
          store,
          {
            ...{ service: service.name, evidence: { ...report }, by, ops },
            follows: (before) => mustBeNext(report, nextLook(before, version, options.looks)),
          },
          invocation,
        ));
      if (sealed === undefined)
        output.note("note: not recorded, so that looks before this one are not known. Add --dir FOLDER.");
      const document = { ...report, ...(sealed && { record: sealed }) };
      await print(
        { document, text: verifyText(report, output.paint), ci: verifyForCi(report) },
        options,
        invocation,
      );
      output.note(`next: ${next(report)}`);
      return signal.aborted ? EXIT.interrupted : EXITS[report.verdict];
    } finally {
      output.status("");
      await store?.close();
    }
  },
};

/**
 * Two at once would each believe to be the first.
 *
 * @throws {SeakeepError} `SK-RELEASE-011` when another look was recorded since this one was planned.
 */
function mustBeNext({ look: taken, version }: ReleaseVerify, next: Look): void {
  if (taken === undefined || taken.index === next.index) return;
  const what = `Another look at ${version} was recorded while this one was taken.`;
  throw new SeakeepError("SK-RELEASE-011", what);
}

interface Run {
  readonly options: VerifyVerbOptions;
  readonly invocation: Invocation;
  readonly ops: Ops;
  readonly store: Store | undefined;
  readonly version: string;
  readonly windows: WindowOptions;
}

async function look({ options, invocation, ops, store, version, windows }: Run): Promise<ReleaseVerify> {
  const { environment, output, signal } = invocation;
  const chain = store && (await readChain(store, serviceFolder(ops.service.name), RECORDS, signal));
  const signals = ops.signals && (await openSignals(ops, environment));
  const check = () =>
    runChecks(
      ops.checks ?? defaultChecks(new URL(ops.url)),
      { url: new URL(ops.url), service: ops.service, metrics: ops.metrics },
      {
        ...{ timeoutMs: options.timeout, attempts: 3, pauseMs: 1000, concurrency: 4, signal },
        expectVersion: version,
      },
      checkEdges(environment),
    );
  try {
    output.status("checking what was deployed");
    return await verifyRelease(
      {
        ...{ ops, signals, check },
        clock: { ...CLOCK, sleep: (ms, stop) => sleep(ms, undefined, { signal: stop }) },
      },
      {
        ...{
          version,
          windows,
          signal,
          forMs: options.for,
          everyMs: options.every,
          tool: `seakeep ${tool()}`,
        },
        look: nextLook({ links: chain?.links ?? [] }, version, options.looks),
        by: actor(options.by, environment, account),
        onWait: (missing, waitedMs) => {
          const left = formatDuration(Math.max(0, Math.round((options.for - waitedMs) / 1000)) * 1000);
          output.status(`waiting for enough of ${missing.join(", ")}: at most ${left} more`);
        },
      },
    );
  } finally {
    await signals?.close();
  }
}

function windowsOf({ since, baseline, label, oldLabel, first = false }: VerifyVerbOptions): WindowOptions {
  if ((label === undefined) !== (oldLabel === undefined)) {
    throw new SeakeepError("SK-RELEASE-009", "--label and --old-label belong together.");
  }
  if (first && label !== undefined) {
    throw new SeakeepError(
      "SK-RELEASE-009",
      "--first says that there is no old version, and --old-label which one it is.",
    );
  }
  const now = CLOCK.date();
  return {
    ...{ since: since === undefined ? now : parseSince(since, now), baseline, first },
    ...(label &&
      oldLabel && {
        canary: { new: parseLabels(label, "--label"), old: parseLabels(oldLabel, "--old-label") },
      }),
  };
}

function count(text: string): number {
  if (/^[1-9]\d?$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number from 1 to 99.");
}

function next({ verdict, version }: ReleaseVerify): string {
  if (verdict === "passed") return "seakeep release record --list";
  return verdict === "failed" ? "seakeep rollback advise" : `seakeep check --expect-version ${version}`;
}
