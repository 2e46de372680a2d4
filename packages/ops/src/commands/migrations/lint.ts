import { SeakeepError } from "@seakeep/contract";
import { Option } from "commander";
import { loadConfig } from "../../config/load.ts";
import { EXIT, type ExitCode } from "../../exit.ts";
import { annotation } from "../../formats/github.ts";
import { sarif } from "../../formats/sarif.ts";
import { RULES, SEQUENCE_RULES } from "../../migrations/lint/rules.ts";
import { indexAfter, type LintReport, lintFiles, lintHistory } from "../../migrations/lint/sources.ts";
import type { Paint } from "../../print.ts";
import { type CommonVerbOptions, examples, type Invocation, type Verb } from "../../verb.ts";
import { version } from "../../version.ts";

interface LintOptions extends CommonVerbOptions {
  readonly since?: string;
  readonly format: "pretty" | "json" | "sarif" | "github";
}

/** `seakeep migrations lint`: which statements block others, lose data or break the release before. */
export const lint: Verb<LintOptions> = {
  define(command) {
    command
      .argument("[file...]", "SQL files; default: the history of the configuration")
      .option("--since <name>", "look at what comes after this migration only")
      .addOption(
        new Option("--format <format>", "how to print")
          .choices(["pretty", "json", "sarif", "github"])
          .default("pretty"),
      )
      .addHelpText(
        "after",
        `${examples([
          [
            "seakeep migrations lint migrations/004_owner.sql",
            "One file; needs no configuration and no database.",
          ],
          [
            "seakeep migrations lint --since 003_tokens",
            "What the history of the configuration has after it.",
          ],
          ["seakeep migrations lint --format github", "In a workflow of GitHub Actions."],
          ["seakeep migrations lint --json | jq '.findings[].rule'", "For programs."],
        ])}
Allow a finding above its statement: -- seakeep: allow drop-column because nobody has read it since 2.3
Exit codes: 0 nothing unsafe, 1 something is (whatever else cannot be parsed), 2 wrong usage or configuration,
3 a file cannot be parsed, and nothing that could be is unsafe.
`,
      );
  },
  async run(options, invocation) {
    const { output } = invocation;
    const report = await look(options, invocation);
    const print = {
      pretty: () => pretty(report, output.paint),
      json: () => JSON.stringify({ findings: report.findings }, undefined, 2),
      sarif: () => JSON.stringify(sarifOf(report), undefined, 2),
      github: () => githubOf(report),
    }[options.format];
    output.result({ findings: report.findings }, print);
    for (const { file, line, column, message } of report.unparsed) {
      output.note(`cannot parse: ${file}:${line}:${column}: ${message}`);
    }
    for (const { file, line, rule, reason } of report.allowed) {
      output.note(`allowed: ${file}:${line} ${rule}: ${reason}`);
    }
    return exitOf(report);
  },
};

function exitOf({ findings, unparsed }: LintReport): ExitCode {
  if (findings.some(({ level }) => level === "unsafe")) return EXIT.failed;
  return unparsed.length > 0 ? EXIT.unknown : EXIT.passed;
}

async function look(options: LintOptions, { cwd, environment }: Invocation): Promise<LintReport> {
  const { operands, since, config } = options;
  if (operands.length > 0 && since !== undefined) {
    throw new SeakeepError("SK-MIGRATIONS-005", "Files and --since were given together.", {
      fix: "Name files, or leave them out to look at the history.",
    });
  }
  if (operands.length > 0) return await lintFiles(operands, cwd);
  const { ops, folder } = await loadConfig({ file: config, cwd, environment });
  if (ops.migrations === undefined) {
    throw new SeakeepError("SK-MIGRATIONS-005", "No file is named, and the configuration has no migrations.");
  }
  const history = ops.migrations.open(folder);
  const migrations = await history.read();
  if (migrations.length === 0)
    throw new SeakeepError("SK-MIGRATIONS-005", `${history.folder} has no migration.`);
  const from = since === undefined ? 0 : indexAfter(migrations, since, history);
  return await lintHistory(migrations, { cwd, from });
}

/** A statement on one line that is no longer than a terminal. */
function brief(statement: string): string {
  const line = statement.replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, " ");
  return line.length > 90 ? `${line.slice(0, 89)}…` : line;
}

function pretty({ findings, unparsed }: LintReport, paint: Paint): string {
  const blocks = findings.map(({ file, line, column, rule, level, statement, why, fix }) => {
    const mark = level === "unsafe" ? paint("red", "✗ unsafe") : paint("yellow", "! caution");
    const indented = fix.replaceAll("\n", "\n    ");
    return `${file}:${line}:${column}  ${mark}  ${paint("bold", rule)}\n  ${brief(statement)}\n  ${why}\n    ${indented}`;
  });
  const unsafe = findings.filter(({ level }) => level === "unsafe").length;
  const counts = [`${unsafe} unsafe`, `${findings.length - unsafe} to be careful with`];
  if (unparsed.length > 0) counts.push(`${unparsed.length} not looked at`);
  return [...blocks, counts.join(", ")].join("\n\n");
}

function githubOf({ findings, unparsed }: LintReport): string {
  return [
    ...findings.map(({ file, line, column, rule, level, why, fix }) =>
      annotation({
        ...{ level: level === "unsafe" ? "error" : "warning", file, line, column },
        ...{ title: rule, message: `${why}\n${fix}` },
      }),
    ),
    ...unparsed.map(({ message, ...place }) =>
      annotation({ level: "error", ...place, title: "cannot parse", message }),
    ),
  ].join("\n");
}

const HELP = "https://github.com/seakeep/seakeep/blob/main/docs/reference/migrations.md";

function sarifOf({ findings, unparsed }: LintReport): object {
  const described = [
    ...Object.entries(RULES).map(([id, rule]) => ({ id, description: rule.why })),
    ...Object.entries(SEQUENCE_RULES).map(([id, description]) => ({ id, description })),
  ];
  return sarif({
    tool: { name: "seakeep migrations lint", version: version() },
    rules: described.map((rule) => ({ ...rule, helpUri: HELP })),
    results: findings.map(({ file, line, column, rule, level, why, fix }) => ({
      ruleId: rule,
      level: level === "unsafe" ? "error" : "warning",
      message: `${why}\n${fix}`,
      place: { file, line, column },
    })),
    complete: unparsed.length === 0,
  });
}
