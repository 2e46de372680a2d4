import type { Chain } from "../../backup/chain.ts";
import type { Look } from "../compare/looks.ts";
import type { ReleaseRecord } from "../record/record.ts";

/**
 * Which look at a version the next one is. Those that are recorded count, and the first of them has said how many there
 * will be: whoever could ask again until the answer pleases, or plan more once the first looks were used up, would get a
 * pass of every release.
 */
export function nextLook(
  { links }: Pick<Chain<ReleaseRecord>, "links">,
  version: string,
  planned: number,
): Look {
  const taken = links.flatMap(({ document }) => {
    if (document?.version !== version || document.evidence.kind !== "release verify") return [];
    const look = document.evidence.look as Partial<Look> | undefined;
    return typeof look?.planned === "number" ? [look.planned] : [];
  });
  return { index: taken.length + 1, planned: taken[0] ?? planned };
}
