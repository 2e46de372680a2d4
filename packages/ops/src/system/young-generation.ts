import { setFlagsFromString } from "node:v8";

/**
 * Keeps V8 from giving new objects up to 32 MiB (64 MiB in later versions) of memory, as it does when much is allocated for
 * a moment. A verb that streams gigabytes makes little garbage between two pieces: a third of its memory is saved, and no
 * time is lost. To be called before the work begins; measured on Node 20, 22, 24 and 26.
 */
export function keepYoungGenerationSmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
}
