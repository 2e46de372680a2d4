import { SeakeepError } from "@seakeep/contract";
import { type Command, InvalidArgumentError } from "commander";
import { FORMAT_NAMES, type FormatName } from "../../checks/formats/index.ts";

/** One writing of the report. */
export interface Destination {
  readonly format: FormatName;
  /** Standard output where there is none. */
  file?: string;
}

/** Options that say in which formats the report is written, and where to; both are one list, in the order given. */
export interface DestinationOptions {
  readonly format?: readonly Destination[];
  readonly output?: readonly Destination[];
}

/** Adds `--format` and `--output`: a file takes the format that stands before it. */
export function defineDestinations(command: Command): void {
  const all: Destination[] = [];
  command
    .option(
      "--format <name>",
      `${FORMAT_NAMES.join(", ")}; may be repeated, each but one followed by --output`,
      (written: string) => {
        if (!isFormat(written)) throw new InvalidArgumentError(`It must be ${FORMAT_NAMES.join(", ")}.`);
        all.push({ format: written });
        return all;
      },
    )
    .option("--output <file>", "write the format before it to this file", (file: string) => {
      const last = all.at(-1);
      if (last === undefined || last.file !== undefined) {
        throw new InvalidArgumentError(
          "It belongs behind a --format, such as --format junit --output junit.xml.",
        );
      }
      last.file = file;
      return all;
    });
}

function isFormat(text: string): text is FormatName {
  return FORMAT_NAMES.includes(text);
}

/** What goes to standard output, and what to which file. */
export interface Destinations {
  readonly terminal: FormatName;
  readonly files: readonly (readonly [file: string, format: FormatName])[];
}

/**
 * Where the report goes. What people read goes to standard output unless another format does.
 *
 * @throws {SeakeepError} `SK-CHECK-009` when two formats want standard output, or the same file.
 */
export function destinations({ format, output }: DestinationOptions, json: boolean): Destinations {
  const all = format ?? output ?? [];
  const terminal = [
    ...all.filter(({ file }) => file === undefined).map(({ format }) => format),
    ...(json ? (["json"] as const) : []),
  ];
  if (terminal.length > 1) {
    throw new SeakeepError("SK-CHECK-009", `Both ${terminal.join(" and ")} would go to standard output.`);
  }
  const files = all.flatMap(({ file }) => file ?? []);
  const twice = files.find((file, index) => files.indexOf(file) !== index);
  if (twice !== undefined)
    throw new SeakeepError("SK-CHECK-009", `Two formats would be written to ${twice}.`);
  return {
    terminal: terminal[0] ?? "pretty",
    files: all.flatMap(({ format, file }) => (file === undefined ? [] : [[file, format] as const])),
  };
}
