import { SeakeepError } from "@seakeep/contract";
import { readCatalog } from "../../backup/catalog.ts";
import { type Verification, verify as verifyBackup } from "../../backup/verify.ts";
import { EXIT } from "../../exit.ts";
import { examples, type Verb } from "../../verb.ts";
import { createMeter } from "./meter.ts";
import {
  chooseBackup,
  chooseFolder,
  chooseStore,
  defineStore,
  readOps,
  type StoreVerbOptions,
} from "./where.ts";

interface VerifyVerbOptions extends StoreVerbOptions {
  readonly all?: boolean;
}

/** `seakeep backup verify`: is what the store has what was written to it? */
export const verify: Verb<VerifyVerbOptions> = {
  define(command) {
    command.argument("[id]", "of the backup, a beginning of it, or latest");
    defineStore(command);
    command.option("--all", "every backup").addHelpText(
      "after",
      `${examples([
        ["seakeep backup verify latest", "Reads it again, every byte against every hash."],
        ["seakeep backup verify --all --json", "All of them: an array, one verdict each."],
      ])}
Exit codes: 0 all sound, 1 damage was found, 2 wrong usage, 3 the store could not be read: no verdict.
`,
    );
  },
  async run(options, invocation) {
    const { output, signal } = invocation;
    const [meant] = options.operands;
    if ((meant === undefined) === (options.all !== true)) {
      throw new SeakeepError("SK-BACKUP-007", "Name one backup, or all of them with --all.");
    }
    const ops = await readOps(options, invocation);
    const store = await chooseStore(options, ops);
    try {
      const folder = chooseFolder(options, ops);
      const entries =
        meant === undefined
          ? (await readCatalog(store, folder, signal)).backups
          : [await chooseBackup(store, folder, meant, signal)];
      if (entries.length === 0)
        throw new SeakeepError("SK-BACKUP-006", `${store.url} holds no backup to verify.`);
      const expected = entries.reduce((sum, { bytes }) => sum + bytes, 0);
      const meter = createMeter(output, () => performance.now());
      let read = 0;
      const onBytes = (bytes: number) => {
        read += bytes;
        meter("reading", read, expected);
      };
      const verdicts: Verification[] = [];
      for (const entry of entries) {
        signal.throwIfAborted();
        verdicts.push(await verifyBackup(store, entry, { signal, onBytes }));
      }
      output.result(meant === undefined ? verdicts : verdicts[0], () => text(verdicts));
      return verdicts.every(({ ok }) => ok) ? EXIT.passed : EXIT.failed;
    } finally {
      output.status("");
      await store.close();
    }
  },
};

function text(verdicts: readonly Verification[]): string {
  return verdicts
    .flatMap(({ id, ok, problems }) => [
      `${ok ? "✓ sound  " : "✗ damaged"} ${id}`,
      ...problems.map((problem) => `  ${problem}`),
    ])
    .join("\n");
}
