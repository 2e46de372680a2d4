import type { Trial } from "../trial.ts";
import * as crash from "./crash.ts";
import * as damage from "./damage.ts";
import { crashDrill } from "./drill.ts";
import { prune } from "./prune.ts";
import * as s3 from "./s3.ts";
import { crashSwap, crashUndo } from "./swap.ts";

/** Every kind of fault, and how often it comes up beside the others. */
export const KINDS: Readonly<
  Record<string, { readonly weight: number; readonly run: (trial: Trial) => Promise<void> }>
> = {
  flip: { weight: 10, run: damage.flip },
  "cut-off": { weight: 6, run: damage.cutOff },
  append: { weight: 4, run: damage.append },
  tear: { weight: 5, run: damage.tear },
  remove: { weight: 4, run: damage.remove },
  exchange: { weight: 5, run: damage.exchange },
  edit: { weight: 8, run: damage.edit },
  prune: { weight: 6, run: prune },
  "kill-create": { weight: 6, run: crash.killCreate },
  "kill-pg-dump": { weight: 3, run: crash.killDump },
  "kill-zstd": { weight: 3, run: crash.killZstd },
  "kill-session": { weight: 3, run: crash.killSession },
  "interrupt-create": { weight: 4, run: crash.interruptCreate },
  "crash-restore": { weight: 6, run: crash.crashRestore },
  "crash-swap": { weight: 4, run: crashSwap },
  "crash-undo": { weight: 2, run: crashUndo },
  "crash-drill": { weight: 3, run: crashDrill },
  "two-at-once": { weight: 3, run: crash.twoAtOnce },
  "disk-full": { weight: 4, run: crash.diskFull },
  "s3-errors": { weight: 3, run: s3.writeErrors },
  "s3-cuts": { weight: 3, run: s3.writeCuts },
  "s3-lost": { weight: 3, run: s3.writeLostAcknowledgements },
  "s3-timeouts": { weight: 2, run: s3.writeTimeouts },
  "s3-dropped": { weight: 2, run: s3.writeDropped },
  "s3-mixed": { weight: 3, run: s3.writeMixed },
  "s3-reads": { weight: 5, run: s3.reads },
  "s3-skew": { weight: 2, run: s3.skew },
};

/** Those that damage bytes and little else: a run takes a fraction of a second. */
export const QUICK: readonly string[] = ["flip", "cut-off", "append", "tear", "remove", "exchange", "edit"];
