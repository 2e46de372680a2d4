import { milliseconds, SeakeepError } from "@seakeep/contract";
import { InvalidArgumentError } from "commander";
import { type BackupEntry, readCatalog } from "../../backup/catalog.ts";
import { type PrunePlan, planPrune, prune as pruneBackups } from "../../backup/prune.ts";
import type { Keep } from "../../backup/retention.ts";
import { EXIT } from "../../exit.ts";
import { examples, type Verb } from "../../verb.ts";
import { chooseFolder, chooseStore, defineStore, readOps, type StoreVerbOptions } from "./where.ts";
import { bytesText, table } from "./words.ts";

interface PruneVerbOptions extends StoreVerbOptions {
  readonly keepWithin?: string;
  readonly keepLast?: number;
  readonly keepDaily?: number;
  readonly keepWeekly?: number;
  readonly keepMonthly?: number;
  readonly keepYearly?: number;
  readonly keepProven?: number;
  readonly dryRun?: boolean;
  readonly delete?: boolean;
}

/** `seakeep backup prune`: deletes what the rules no longer keep, and never the last good one. */
export const prune: Verb<PruneVerbOptions> = {
  define(command) {
    defineStore(command);
    command
      .option("--keep-within <duration>", "all that are younger, such as 7d", duration)
      .option("--keep-last <count>", "the newest so many", count)
      .option("--keep-daily <count>", "the newest of each of so many days", count)
      .option("--keep-weekly <count>", "the same by week", count)
      .option("--keep-monthly <count>", "the same by month", count)
      .option("--keep-yearly <count>", "the same by year", count)
      .option(
        "--keep-proven <count>",
        "at least so many proven ones, whatever else is said (default: 1)",
        count,
      )
      .option("--dry-run", "only say what would go; the default at a terminal")
      .option("--delete", "do it; the default where there is no terminal")
      .addHelpText(
        "after",
        `${examples([
          ["seakeep backup prune", "What the configuration's rules would delete; add --delete to do it."],
          [
            "seakeep backup prune --store file:///backups --service courses --keep-daily 7 --keep-monthly 12",
            "Rules by hand.",
          ],
        ])}
Never deleted: the newest, the newest proven ones, and damaged ones, which somebody should look at first.
`,
      );
  },
  async run(options, invocation) {
    const { output, signal } = invocation;
    if (options.dryRun && options.delete) {
      throw new SeakeepError("SK-BACKUP-007", "--dry-run and --delete contradict each other.");
    }
    const ops = await readOps(options, invocation);
    const keep = rules(options) ?? ops?.backup?.keep;
    if (keep === undefined) {
      throw new SeakeepError("SK-BACKUP-007", "Nothing says what to keep.", {
        fix: "Give --keep-daily 7 and the like, or write `keep` into the backup of seakeep.config.ts.",
      });
    }
    const store = await chooseStore(options, ops);
    try {
      const backups = oneService((await readCatalog(store, chooseFolder(options, ops), signal)).backups);
      const plan = await planPrune(store, backups, keep, new Date());
      const dry = options.dryRun === true || (output.interactive && options.delete !== true);
      const deleted: string[] = [];
      if (!dry) await pruneBackups(store, plan, { signal, onDeleted: ({ id }) => deleted.push(id) });
      output.result(document(plan, dry), () => text(plan, dry));
      if (dry && plan.some(({ reasons }) => reasons.length === 0))
        output.note("next: the same with --delete");
      return EXIT.passed;
    } finally {
      await store.close();
    }
  },
};

/** Rules of the command line replace those of the configuration, all of them: half of each would be nobody's. */
function rules(options: PruneVerbOptions): Keep | undefined {
  const { keepWithin, keepLast, keepDaily, keepWeekly, keepMonthly, keepYearly, keepProven } = options;
  const keep: Keep = {
    ...(keepWithin !== undefined && { within: keepWithin }),
    ...(keepLast !== undefined && { last: keepLast }),
    ...(keepDaily !== undefined && { daily: keepDaily }),
    ...(keepWeekly !== undefined && { weekly: keepWeekly }),
    ...(keepMonthly !== undefined && { monthly: keepMonthly }),
    ...(keepYearly !== undefined && { yearly: keepYearly }),
    ...(keepProven !== undefined && { proven: keepProven }),
  };
  return Object.keys(keep).length > 0 ? keep : undefined;
}

function oneService(backups: readonly BackupEntry[]): readonly BackupEntry[] {
  const folders = new Set(backups.map(({ folder }) => folder));
  if (folders.size <= 1) return backups;
  throw new SeakeepError("SK-BACKUP-007", `The store has backups of ${[...folders].join(", ")}.`, {
    fix: "Say whose to prune with --service.",
  });
}

function document(plan: PrunePlan, dryRun: boolean): object {
  const ids = (gone: boolean) => plan.filter(({ reasons }) => (reasons.length === 0) === gone);
  return {
    dryRun,
    deleted: ids(true).map(({ backup }) => backup.id),
    kept: ids(false).map(({ backup, reasons }) => ({ id: backup.id, reasons })),
  };
}

function text(plan: PrunePlan, dryRun: boolean): string {
  return table(
    plan.map(({ backup, reasons }) => [
      reasons.length > 0 ? "keep" : dryRun ? "would delete" : "deleted",
      backup.id,
      bytesText(backup.bytes),
      reasons.join(", "),
    ]),
  );
}

function duration(written: string): string {
  if ((milliseconds(written) ?? 0) > 0) return written;
  throw new InvalidArgumentError('It must be a duration such as "7d".');
}

function count(written: string): number {
  if (/^[1-9]\d{0,3}$/.test(written)) return Number(written);
  throw new InvalidArgumentError("It must be a whole number from 1 to 9999.");
}
