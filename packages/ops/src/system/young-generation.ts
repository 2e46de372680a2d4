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

/**
 * Collects new objects now, in about a millisecond. V8 does when a megabyte of them is there, and does not count the memory of
 * buffers among it: whoever gets gigabytes in buffers that cannot be used again has tens of megabytes of them waiting.
 */
export function collectYoungGeneration(): void {
  if (collect === undefined) {
    setFlagsFromString("--expose-gc");
    // Contexts that are there already do not get it.
    collect = runInNewContext("gc") as Collect;
  }
  collect({ type: "minor" });
}
