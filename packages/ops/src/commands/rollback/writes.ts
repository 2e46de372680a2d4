import { SeakeepError } from "@seakeep/contract";
import { EXIT } from "../../exit.ts";
import { readWrites, setWrites } from "../../rollback/database/writes.ts";
import { type CommonVerbOptions, examples, type Verb } from "../../verb.ts";
import { configOf, mustConnect, operandOf } from "./where.ts";

interface WritesVerbOptions extends CommonVerbOptions {
  readonly check?: boolean;
}

const WANTED: Readonly<Record<string, "held" | "let in">> = { hold: "held", release: "let in" };

/** `seakeep rollback writes`: makes the database read-only for its applications, and takes that back. */
export const writes: Verb<WritesVerbOptions> = {
  define(command) {
    command
      .argument("<hold|release>", "hold: read-only from now on; release: as before")
      .option("--check", "only say whether it is so: exit code 1 when it is not")
      .addHelpText(
        "after",
        `${examples([
          ["seakeep rollback writes hold", "Nothing more is written while you look at the damage."],
          ["seakeep rollback writes release", "Back to normal."],
        ])}
It sets default_transaction_read_only for the database and ends its sessions, so that applications connect again. It is no
protection from a program that asks for a transaction that writes.

Exit codes: 0 it is so, 1 it is not (with --check), 2 usage, 3 could not tell.
`,
      );
  },
  async run(options, invocation) {
    const { ops } = await configOf(options, invocation);
    const asked = operandOf(options, "of the two: hold or release");
    const wanted = WANTED[asked];
    if (wanted === undefined)
      throw new SeakeepError(
        "SK-ROLLBACK-002",
        `Writes can be held or released, not ${JSON.stringify(asked.slice(0, 40))}.`,
      );
    const connection = await mustConnect(ops, invocation);
    if (!options.check) await setWrites(connection, wanted);
    const is = await readWrites(connection);
    const { database } = connection;
    invocation.output.result({ database, writes: is }, () => `writes to "${database}" are ${is}`);
    return is === wanted ? EXIT.passed : EXIT.failed;
  },
};
