import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * Keeps V8 from giving new objects up to 32 MiB (64 MiB in later versions) of memory, as it does when much is allocated for
 * a moment. A verb that streams gigabytes makes little garbage between two pieces: a third of its memory is saved, and no
 * time is lost. To be called before the work begins; measured on Node 20, 22, 24 and 26.
 */
export function keepYoungGenerationSmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
}

type Collect = (options: { readonly type: "minor" }) => void;
let collect: Collect | undefined;

/** Bytes of buffers after which they are collected. */
const COLLECT_EVERY = 2 * 1024 * 1024;
let uncollected = 0;

/**
 * To be told of new buffers that are soon no longer needed: every 2 MiB of them are collected at once, in about a millisecond.
 *
 * V8 does not count their memory among that of new objects. Left to itself it has tens of megabytes of them waiting, and
 * then looks at all objects, old and new, over and over: a second of CPU each gigabyte that is backed up.
 */
export function discardsBuffer(bytes: number): void {
  uncollected += bytes;
  if (uncollected < COLLECT_EVERY) return;
  uncollected = 0;
  if (collect === undefined) {
    setFlagsFromString("--expose-gc");
    // Contexts that are there already do not get it.
    collect = runInNewContext("gc") as Collect;
  }
  collect({ type: "minor" });
}
