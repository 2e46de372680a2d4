/**
 * Which of several p-values are significant when all of them together may err with probability `alpha`: Holm's step-down
 * procedure (Scandinavian Journal of Statistics, 1979), which asks nothing of how they depend on each other.
 *
 * @returns for each, in the order given, whether it is significant, and the level that it had to reach
 */
export function holm(
  pValues: readonly number[],
  alpha: number,
): readonly { significant: boolean; level: number }[] {
  const order = pValues.map((_p, index) => index).sort((a, b) => pValues[a]! - pValues[b]!);
  const results = new Array<{ significant: boolean; level: number }>(pValues.length);
  let open = true;
  let level = alpha;
  for (const [place, index] of order.entries()) {
    // Once one does not reach its level, none after it counts; their level stays that of the first that failed.
    if (open) level = alpha / (pValues.length - place);
    open &&= pValues[index]! <= level;
    results[index] = { significant: open, level };
  }
  return results;
}
