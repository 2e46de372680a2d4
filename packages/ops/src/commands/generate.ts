import { join, relative, resolve } from "node:path";
import { SeakeepError } from "@seakeep/contract";
import { InvalidArgumentError } from "commander";
import { loadConfig } from "../config/load.ts";
import { EXIT, type ExitCode } from "../exit.ts";
import { unifiedDiff } from "../generate/diff.ts";
import { type Comparison, compare, writeWhole } from "../generate/folder.ts";
import { generateFiles } from "../generate/index.ts";
import { parseScale, timing } from "../generate/timing.ts";
import type { Output } from "../print.ts";
import { type CommonVerbOptions, examples, type Verb } from "../verb.ts";

interface GenerateOptions extends CommonVerbOptions {
  readonly out: string;
  readonly scale?: string;
  readonly check?: boolean;
  readonly force?: boolean;
}

/** `seakeep generate`: writes what the declaration asks for, or says how the folder differs from it. */
export const generate: Verb<GenerateOptions> = {
  define(command) {
    command
      .option("--out <dir>", "folder to write into", "generated")
      .option("--check", "write nothing; exit 1 and show the difference when a file is not as it should be")
      .option("--scale <part>", "shorten every window, interval and wait, to rehearse alerts live", scale)
      .option("--force", "replace files that this command did not write")
      .addHelpText(
        "after",
        examples([
          ["seakeep generate", "Write rules, scrape, probe, routing and document files into ./generated."],
          [
            "seakeep generate --check",
            "In CI: fail when the committed files are not what the declaration asks for.",
          ],
          [
            "seakeep generate --out /tmp/rehearsal --scale 1/60",
            "Alerts that fire in seconds, for a live rehearsal.",
          ],
        ]),
      )
      .addHelpText("after", "Exit codes: 0 written, or no drift; 1 drift; 2 wrong usage or configuration.");
  },
  async run(options, { cwd, environment, output, signal }) {
    const { ops } = await loadConfig({ file: options.config, cwd, environment });
    const files = generateFiles(ops, timing(ops, options.scale));
    const folder = resolve(cwd, options.out);
    const compared = await compare(folder, files);
    const shown = relative(cwd, folder) || ".";
    if (ops.alerting === undefined) {
      output.note(
        "note: no alerting is configured, so alerts fire and nobody is told. Add alerting to the config.",
      );
    }
    if (options.check) return check(compared, shown, output);
    refuseForeign(compared, shown, options.force === true);
    for (const { path, wanted } of compared.filter(needsWriting)) {
      signal.throwIfAborted();
      await writeWhole(join(folder, path), wanted);
    }
    return written(compared, shown, output);
  },
};

function scale(text: string): string {
  if (Number.isNaN(parseScale(text))) {
    throw new InvalidArgumentError("Write a part of 1, such as 1/60 or 0.1.");
  }
  return text;
}

const needsWriting = ({ state }: Comparison): boolean =>
  state === "changed" || state === "missing" || state === "foreign";

function refuseForeign(compared: readonly Comparison[], folder: string, force: boolean): void {
  const foreign = compared.filter(({ state }) => state === "foreign").map(({ path }) => path);
  if (foreign.length === 0 || force) return;
  throw new SeakeepError(
    "SK-GENERATE-002",
    `In ${folder}, ${foreign.join(", ")} ${foreign.length === 1 ? "was" : "were"} not written by this command.`,
  );
}

const states = (compared: readonly Comparison[]) => compared.map(({ path, state }) => ({ path, state }));

function written(compared: readonly Comparison[], folder: string, output: Output): ExitCode {
  const files = compared.map(({ path, state }) => {
    const done = state === "same" ? "unchanged" : state === "extra" ? "stale" : "written";
    return { path, state: done };
  });
  output.result({ folder, files }, () =>
    files.map(({ path, state }) => `${state.padEnd(9)}  ${join(folder, path)}`).join("\n"),
  );
  if (files.some(({ state }) => state === "stale")) {
    output.note("note: a stale file was generated once and nothing asks for it now. Delete it.");
  }
  if (files.some(({ state }) => state === "written")) {
    output.note("Next: commit them, and run `seakeep generate --check` in CI.");
  }
  return EXIT.passed;
}

const SAYS: Readonly<Record<Exclude<Comparison["state"], "same">, string>> = {
  changed: "differs",
  missing: "is missing",
  extra: "is no longer asked for: delete it",
  foreign: "was not written by seakeep generate",
};

function check(compared: readonly Comparison[], folder: string, output: Output): ExitCode {
  const drifted = compared.filter(({ state }) => state !== "same");
  const document = {
    folder,
    drift: drifted.length > 0,
    files: states(compared).map((file, index) => ({ ...file, ...diffOf(compared[index]!) })),
  };
  output.result(document, () => {
    if (drifted.length === 0) return `${folder} is as the declaration asks: ${compared.length} files.`;
    const parts = drifted.map((file) => {
      const line = output.paint(
        "bold",
        `${join(folder, file.path)} ${SAYS[file.state as keyof typeof SAYS]}`,
      );
      const { diff } = diffOf(file);
      return diff === undefined ? line : `${line}\n${colour(diff, output)}`;
    });
    return parts.join("\n");
  });
  if (drifted.length === 0) return EXIT.passed;
  output.note(`Next: run \`seakeep generate --out ${folder}\` and commit what it writes.`);
  return EXIT.failed;
}

function diffOf({ path, state, found, wanted }: Comparison): { diff?: string } {
  return state === "changed" || state === "foreign" ? { diff: unifiedDiff(path, found, wanted) } : {};
}

function colour(diff: string, { paint }: Output): string {
  return diff
    .split("\n")
    .map((line) =>
      line.startsWith("+") ? paint("green", line) : line.startsWith("-") ? paint("red", line) : line,
    )
    .join("\n");
}
