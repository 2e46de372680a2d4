import { appendFile } from "node:fs/promises";
import { resolve } from "node:path";
import { SeakeepError } from "@seakeep/contract";
import { type Command, Option } from "commander";
import { annotations, type CiVerdict, summary } from "../../release/ci.ts";
import type { Invocation } from "../../verb.ts";

/** How a verdict is shown besides `--json`. */
export interface FormatVerbOptions {
  readonly format: "pretty" | "github";
  readonly summary?: string;
}

/** Adds the options. */
export function defineFormat(command: Command): void {
  command
    .addOption(
      new Option("--format <kind>", "github adds its annotations to the text")
        .choices(["pretty", "github"])
        .default("pretty"),
    )
    .option("--summary <file>", "append the verdict as Markdown, such as to $GITHUB_STEP_SUMMARY");
}

interface Printed {
  readonly document: object;
  readonly text: string;
  readonly ci: CiVerdict;
}

/** @throws {SeakeepError} `SK-GENERATE-003` when the summary cannot be written. */
export async function print(
  { document, text, ci }: Printed,
  { format, summary: file }: FormatVerbOptions,
  { cwd, output }: Invocation,
): Promise<void> {
  output.result(document, () => (format === "github" ? [text, "", ...annotations(ci)].join("\n") : text));
  if (file === undefined) return;
  await appendFile(resolve(cwd, file), `${summary(ci)}\n`).catch((cause: unknown) => {
    throw new SeakeepError("SK-GENERATE-003", `${file}: ${String((cause as Error).message)}`, { cause });
  });
}
