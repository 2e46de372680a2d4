import { resolve } from "node:path";
import { SeakeepError } from "@seakeep/contract";
import { Option } from "commander";
import { loadConfig } from "../../config/load.ts";
import type { Ops } from "../../config/ops.ts";
import { EXIT } from "../../exit.ts";
import { writeWhole } from "../../generate/folder.ts";
import { actor } from "../../release/actor.ts";
import { checkRelease, type ReleaseCheck } from "../../release/check.ts";
import { checkForCi, checkText } from "../../release/check-text.ts";
import { type Exceptions, parseExceptions } from "../../release/decision.ts";
import { GATES } from "../../release/gates/index.ts";
import { gatherFacts } from "../../release/gather.ts";
import { parseVersion } from "../../release/version.ts";
import { type CommonVerbOptions, examples, type Invocation, type Verb } from "../../verb.ts";
import { version as tool } from "../../version.ts";
import { checkEdges } from "../check/edges.ts";
import { account, CLOCK } from "./edges.ts";
import { collect, duration, EXITS } from "./options.ts";
import { defineFormat, type FormatVerbOptions, print } from "./print.ts";
import { type Recorded, record } from "./sealing.ts";
import { defineRecords, needRecords, type RecordsVerbOptions } from "./where.ts";

interface CheckVerbOptions extends CommonVerbOptions, RecordsVerbOptions, FormatVerbOptions {
  readonly version?: string;
  readonly waive?: readonly string[];
  readonly override?: readonly string[];
  readonly confirm?: string;
  readonly by?: string;
  readonly generated: string;
  readonly timeout: number;
  readonly out?: string;
  readonly record?: boolean;
}

/** `seakeep release check`: may this be shipped now? */
export const check: Verb<CheckVerbOptions> = {
  define(command) {
    command
      .option(
        "--version <name>",
        "the release: a tag, a commit, a build number (default: the tag or commit here)",
      )
      .option(
        "--waive <gate=reason>",
        "pass a gate that could not tell; may be repeated, and is recorded",
        collect,
      )
      .option("--override <gate=reason>", "pass a gate that refused; asked about, and recorded", collect)
      .option("--confirm <version>", "stands in for what an override asks at a terminal")
      .option("--by <name>", "who decides (default: the CI's user, else the account)")
      .option("--generated <dir>", "folder of generated files, from that of the configuration", "generated")
      .addOption(
        new Option("--timeout <duration>", "time for each gate").default(30_000, "30s").argParser(duration),
      )
      .option("--out <file>", "write the evidence there too, after the working tree was looked at")
      .option("--record", "seal the decision as the next record of this service");
    defineRecords(command);
    defineFormat(command);
    command.addHelpText(
      "after",
      `${examples([
        ["seakeep release check", "Every gate, for what is checked out here."],
        ["seakeep release check --version v1.4.2 --json", "With the evidence."],
        ['seakeep release check --waive drill="no database yet"', "A gate that cannot tell does not count."],
        [
          'seakeep release check --version v1.4.2 --override budget="the fix for it" --confirm v1.4.2',
          "A gate that refuses is overridden, without a terminal.",
        ],
      ])}
Exit codes: 0 ship, 1 a gate refused, 2 wrong usage or configuration, 3 a gate could not tell (which is no pass).
`,
    );
  },
  async run(options, invocation) {
    const { cwd, environment, output, signal } = invocation;
    const version = options.version === undefined ? undefined : parseVersion(options.version);
    const { ops, folder } = await loadConfig({ file: options.config, cwd, environment });
    const exceptions: Exceptions = {
      standing: ops.release.waive,
      waive: parseExceptions(options.waive ?? [], "--waive"),
      override: parseExceptions(options.override ?? [], "--override"),
      by: actor(options.by, environment, account),
    };
    const facts = gatherFacts({
      ...{ ops, folder, environment, edges: checkEdges(environment) },
      generated: resolve(folder, options.generated),
      checkTimeout: Math.min(10_000, options.timeout / 2),
    });
    let report: ReleaseCheck;
    try {
      output.status("looking at every gate");
      const run = { exceptions, timeoutMs: options.timeout, tool: `seakeep ${tool()}`, signal };
      report = await checkRelease(GATES, { ops, facts }, { ...run, ...(version && { version }) }, CLOCK);
    } finally {
      output.status("");
      await facts.close();
    }
    await confirmOverrides(report, options.confirm, invocation);
    if (options.out !== undefined)
      await writeWhole(resolve(cwd, options.out), `${JSON.stringify(report, undefined, 2)}\n`);
    const recorded = options.record ? await sealed(report, ops, options, invocation) : undefined;
    const document = { ...report, ...(recorded && { record: recorded }) };
    await print(
      { document, text: checkText(report, output.paint), ci: checkForCi(report) },
      options,
      invocation,
    );
    for (const note of unused(report, exceptions)) output.note(`note: ${note}`);
    output.note(`next: ${next(report)}`);
    return signal.aborted ? EXIT.interrupted : EXITS[report.verdict];
  },
};

async function sealed(
  report: ReleaseCheck,
  ops: Ops,
  options: CheckVerbOptions,
  invocation: Invocation,
): Promise<Recorded> {
  const store = await needRecords(options, ops, invocation.cwd, true);
  try {
    const { service, by } = report;
    return await record(store, { service: service.name, evidence: { ...report }, by, ops }, invocation);
  } finally {
    await store.close();
  }
}

/** @throws {SeakeepError} `SK-RELEASE-003` unless somebody means each override. */
async function confirmOverrides(
  { gates, version }: ReleaseCheck,
  confirm: string | undefined,
  { ask, signal, output }: Invocation,
): Promise<void> {
  const overridden = gates.filter(({ exception }) => exception?.kind === "overridden");
  if (overridden.length === 0) return;
  if (confirm !== undefined) {
    if (version !== null && confirm === version) return;
    throw new SeakeepError(
      "SK-RELEASE-003",
      "--confirm is for another version than the one that is released.",
    );
  }
  if (ask === undefined) {
    const fix = `If that is what you want: --confirm=${version ?? "VERSION, with --version VERSION"}`;
    throw new SeakeepError("SK-RELEASE-003", "There is no terminal to ask at.", { fix });
  }
  for (const { name, reason } of overridden) {
    output.note(`${name} did not open: ${reason}`);
    const typed = await ask(`Type ${name} to override it: `, signal);
    if (typed.trim() !== name)
      throw new SeakeepError("SK-RELEASE-003", "What was typed is not the gate's name.");
  }
}

/** Exceptions that did not come to bear: who asked for them should know. */
function unused({ gates }: ReleaseCheck, { waive, override }: Exceptions): string[] {
  return [
    ...[...waive.keys()].map((name) => ["--waive", name]),
    ...[...override.keys()].map((name) => ["--override", name]),
  ].flatMap(([option, name]) => {
    const gate = gates.find((result) => result.name === name);
    if (gate?.verdict === "passed") return `${option} ${name}: it passed by itself.`;
    if (option === "--waive" && gate?.exception === undefined) {
      return `--waive ${name}: it refused, and a waiver covers only what could not be told. Mend it, or override it.`;
    }
    return [];
  });
}

function next({ verdict, version, gates }: ReleaseCheck): string {
  if (verdict === "passed") return `deploy, then seakeep release verify --version ${version ?? "VERSION"}`;
  const gate = gates.find((result) => result.verdict === verdict && result.exception === undefined);
  return GATES.find(({ name }) => name === gate?.name)?.command ?? "seakeep release check --json";
}
