import { SeakeepError } from "@seakeep/contract";
import { type BackupEntry, readCatalog } from "../../backup/catalog.ts";
import type { Store } from "../../backup/stores/store.ts";
import {
  type DeepVerification,
  type Verification,
  verify as verifyBackup,
  verifyDeep,
} from "../../backup/verify.ts";
import { EXIT } from "../../exit.ts";
import { keepYoungGenerationSmall } from "../../system/young-generation.ts";
import { examples, type Invocation, type Verb } from "../../verb.ts";
import { version } from "../../version.ts";
import { createMeter } from "./meter.ts";
import { defineRestoring, type RestoringOptions, restoringWith, workFolderOf } from "./restoring.ts";
import { inWorkFolder } from "./trial.ts";
import {
  chooseBackup,
  chooseFolder,
  chooseStore,
  defineStore,
  readOps,
  type StoreVerbOptions,
} from "./where.ts";
import { countText } from "./words.ts";

interface VerifyVerbOptions extends StoreVerbOptions, RestoringOptions {
  readonly all?: boolean;
  readonly deep?: boolean;
}

/** `seakeep backup verify`: is what the store has what was written to it, and does it restore to what was dumped? */
export const verify: Verb<VerifyVerbOptions> = {
  define(command) {
    command.argument("[id]", "of the backup, a beginning of it, or latest");
    defineStore(command);
    command
      .option("--all", "every backup")
      .option("--deep", "restore it to a scratch server too, compare, and mark it proven");
    defineRestoring(command, "dump and scratch server of --deep live; it needs room for both");
    command.addHelpText(
      "after",
      `${examples([
        ["seakeep backup verify latest", "Reads it again, every byte against every hash."],
        ["seakeep backup verify latest --deep", "Restores it as well: equal to what was dumped, or not."],
        ["seakeep backup verify --all --json", "All of them: an array, one verdict each."],
      ])}
Exit codes: 0 all sound, 1 damage was found, 2 wrong usage, 3 could not tell: no verdict, 130 interrupted.
`,
    );
  },
  async run(options, invocation) {
    keepYoungGenerationSmall();
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
      const one = options.deep ? await deep(store, options, invocation) : shallow(store, entries, invocation);
      const verdicts: (Verification | DeepVerification)[] = [];
      for (const entry of entries) {
        signal.throwIfAborted();
        verdicts.push(await one(entry));
      }
      output.result(meant === undefined ? verdicts : verdicts[0], () => verdicts.map(text).join("\n"));
      const sound = verdicts.every(({ ok }) => ok);
      if (sound && !options.deep)
        output.note("next: the same with --deep, or seakeep drill: only a restore proves a backup");
      return sound ? EXIT.passed : EXIT.failed;
    } finally {
      output.status("");
      await store.close();
    }
  },
};

type VerifyOne = (entry: BackupEntry) => Promise<Verification>;

function shallow(store: Store, entries: readonly BackupEntry[], { output, signal }: Invocation): VerifyOne {
  const expected = entries.reduce((sum, { bytes }) => sum + bytes, 0);
  const meter = createMeter(output, () => performance.now());
  let read = 0;
  const onBytes = (bytes: number) => {
    read += bytes;
    meter("reading", read, expected);
  };
  const tool = `seakeep ${version()}`;
  const onWarning = (text: string) => output.note(`warning: ${text}`);
  return (entry) => verifyBackup(store, entry, { tool, signal, onBytes, onWarning });
}

async function deep(store: Store, options: RestoringOptions, invocation: Invocation): Promise<VerifyOne> {
  const restoring = await restoringWith(options, invocation);
  const workFolder = workFolderOf(options, invocation);
  return (entry) =>
    inWorkFolder({ store, entry, workFolder }, invocation, (parts, folder) =>
      verifyDeep(parts, entry, { ...restoring(entry.bytes), workFolder: folder.path }),
    );
}

function text(verdict: Verification | DeepVerification): string {
  const { id, ok, problems } = verdict;
  const deep =
    ok && "proven" in verdict
      ? [
          `  restored and equal: ${countText(verdict.tables, "table")}, ${countText(verdict.rows, "row")}, ${verdict.seconds} s`,
        ]
      : [];
  const [good, bad] =
    "proven" in verdict ? [verdict.proven ? "✓ proven" : "✓ equal ", "✗ failed"] : ["✓ sound  ", "✗ damaged"];
  return [`${ok ? good : bad} ${id}`, ...deep, ...problems.map((problem) => `  ${problem}`)].join("\n");
}
