/** The known name closest to a mistyped one, when it is close enough to be meant. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const limit = Math.min(bestDistance, typosAllowed(name, candidate) + 1);
    if (Math.abs(name.length - candidate.length) >= limit) continue;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < limit) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/**
 * One typo in three characters of the part that differs: paths share their first segments, which says nothing about
 * the last one.
 */
function typosAllowed(name: string, candidate: string): number {
  let shared = 0;
  while (shared < name.length && name[shared] === candidate[shared]) shared++;
  const rest = Math.max(name.length, candidate.length) - shared;
  return name.length <= 3 ? 1 : Math.max(2, Math.floor(rest / 3));
}

/** Levenshtein distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substitute = previous[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(substitute, previous[column]! + 1, current[column - 1]! + 1));
    }
    previous = current;
  }
  return previous[b.length]!;
}
