import { SeakeepError } from "@seakeep/contract";
import { EXIT } from "../../exit.ts";
import { proofOf, readProof } from "../../migrations/proof-file.ts";
import { readHistory } from "../../rollback/gather.ts";
import { isApplied, reapply, revert as revertMigration } from "../../rollback/migrations/revert.ts";
import { type CommonVerbOptions, examples, type Verb } from "../../verb.ts";
import { configOf, mustConnect, operandOf } from "./where.ts";

interface RevertVerbOptions extends CommonVerbOptions {
  readonly undo?: boolean;
  readonly check?: boolean;
}

/** `seakeep rollback revert`: takes the newest migration back, if that is proven and loses nothing. */
export const revert: Verb<RevertVerbOptions> = {
  define(command) {
    command
      .argument("<migration>", "its name, as it is recorded")
      .option("--undo", "apply it again, by its up SQL")
      .option("--check", "only say whether it is so: exit code 1 when it is not")
      .addHelpText(
        "after",
        `${examples([
          ["seakeep rollback revert 004_ratings", "Its down SQL and its record, in one transaction."],
          ["seakeep rollback revert 004_ratings --check", "Is it taken back?"],
          ["seakeep rollback revert 004_ratings --undo", "Applied again."],
        ])}
It refuses what is not the newest, not proven to restore (seakeep migrations prove), or would drop what holds data.

Exit codes: 0 it is so, 1 it is not (with --check), 2 refused or usage, 3 could not tell.
`,
      );
  },
  async run(options, invocation) {
    const { ops, folder } = await configOf(options, invocation);
    const name = operandOf(options, "migration");
    const read = await readHistory({ ops, folder });
    const migration = read?.migrations.find((one) => one.name === name);
    if (read === undefined || migration === undefined)
      throw new SeakeepError(
        "SK-ROLLBACK-002",
        `There is no migration ${JSON.stringify(name.slice(0, 80))} in the configured history.`,
        {
          why: "It has no file here, or `migrations` is not configured.",
          fix: "Run it where its file is, by the name that the database records.",
        },
      );
    const connection = await mustConnect(ops, invocation);
    const proof = proofOf(await readProof(folder), migration);
    const given = { connection, history: read.history, migration, proof };
    const change = options.check ? undefined : options.undo ? reapply : revertMigration;
    const changed = (await change?.(given)) ?? false;
    const applied = await isApplied(given);
    invocation.output.result({ migration: name, applied, changed }, () => {
      const is = applied ? "is applied" : "is not applied";
      return changed || options.check ? `${name} ${is}` : `${name} ${is} already: nothing to do`;
    });
    return applied === (options.undo === true) ? EXIT.passed : EXIT.failed;
  },
};
