import { SeakeepError } from "@seakeep/contract";
import { swapNames } from "../../backup/swap-names.ts";
import { EXIT } from "../../exit.ts";
import { compareDatabases, type Loss } from "../../rollback/database/loss.ts";
import { secondsSince, standsBeside } from "../../rollback/look/loss.ts";
import { countedText, spanText } from "../../rollback/loss-text.ts";
import { examples, type Verb } from "../../verb.ts";
import {
  chooseBackup,
  chooseFolder,
  chooseStore,
  defineStore,
  type StoreVerbOptions,
} from "../backup/where.ts";
import { table } from "../backup/words.ts";
import { configOf, mustConnect, operandOf } from "./where.ts";

interface LossVerbOptions extends StoreVerbOptions {
  readonly into?: string;
  readonly swapped?: boolean;
}

/** `seakeep rollback loss`: what swapping a restored backup in would lose, or has lost, row by row. */
export const loss: Verb<LossVerbOptions> = {
  define(command) {
    command.argument("<id>", "of the backup, a beginning of it, or latest");
    defineStore(command);
    command
      .option(
        "--into <name>",
        "the database that it was restored to (default: the one that a swap would make)",
      )
      .option("--swapped", "it was swapped in: what does the database that was kept have more?")
      .addHelpText(
        "after",
        `${examples([
          ["seakeep restore b000042 --into courses_from_b000042_7f3a", "Beside the database, first."],
          ["seakeep rollback loss b000042", "Then: which rows are only in the database of DATABASE_URL."],
          [
            "seakeep rollback loss b000042 --swapped",
            "After the swap: which rows are only in the one that was kept.",
          ],
        ])}
Every row of both databases is read. Exit codes: 0 counted, 2 usage, 3 could not tell.
`,
      );
  },
  async run(options, invocation) {
    const { signal, output } = invocation;
    const { ops } = await configOf(options, invocation);
    const connection = await mustConnect(ops, invocation);
    const store = await chooseStore(options, ops);
    try {
      const entry = await chooseBackup(
        store,
        chooseFolder(options, ops),
        operandOf(options, "backup"),
        signal,
      );
      const names = swapNames(connection.database, entry);
      const into = options.into ?? names.incoming;
      if (!options.swapped && !(await standsBeside(connection, into, entry)))
        throw new SeakeepError(
          "SK-RESTORE-003",
          `There is no database "${into}" that was restored from ${entry.id}.`,
        );
      const pair = options.swapped
        ? { live: names.kept, other: names.name }
        : { live: names.name, other: into };
      const found = await compareDatabases(connection, { ...pair, signal });
      const seconds = await secondsSince(connection, entry);
      output.result({ ...pair, backup: entry.id, seconds, ...found }, () => text(found, seconds, pair));
      return EXIT.passed;
    } finally {
      await store.close();
    }
  },
};

function text(
  found: Loss,
  seconds: number,
  { live, other }: { readonly live: string; readonly other: string },
): string {
  const head = `only in "${live}", and not in "${other}": ${countedText(found)}, written in ${spanText(seconds)} at most`;
  if (found.tables.length === 0) return head;
  const rows = found.tables.map(({ schema, name, lost, back, values }) => [
    ...[`  ${schema}.${name}`, String(lost), String(back), String(values)],
  ]);
  return `${head}\n${table([["  table", "only here", "only there", "values of columns only here"], ...rows])}`;
}
