import { access } from "node:fs/promises";
import { SeakeepError } from "@seakeep/contract";
import type { SignalsEdges } from "../declaration.ts";
import type { Signals } from "../signals.ts";
import { longestGap, questions } from "../source.ts";
import { storedSamples } from "./reader.ts";

/**
 * Reads signals from a file that a recorder fills, also while it does.
 *
 * @throws {SeakeepError} `SK-SIGNALS-008` when there is no file.
 */
export async function openEmbedded(path: string, { scrapeInterval }: SignalsEdges): Promise<Signals> {
  await access(path).catch((cause: unknown) => {
    throw new SeakeepError("SK-SIGNALS-008", `${path} is not there or not readable.`, { cause });
  });
  return {
    kind: "embedded",
    ...questions(storedSamples(path), longestGap(scrapeInterval)),
    // Nobody evaluates rules here.
    firing: async () => undefined,
    close: async () => {},
  };
}
