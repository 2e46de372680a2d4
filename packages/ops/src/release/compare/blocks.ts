/** Fewer blocks say too little about how much blocks differ. */
export const FEWEST_BLOCKS = 6;

/**
 * How many blocks to merge slices into: all of them, half, a quarter, as long as enough are left. Bad events come in
 * bursts and drifts, and those that are longer than a slice show only between blocks that are longer still.
 */
export function blockCounts(slices: number): readonly number[] {
  const counts: number[] = [];
  for (let count = slices; count >= FEWEST_BLOCKS; count = Math.floor(count / 2)) counts.push(count);
  return counts;
}

/** Cuts a list into blocks as even as can be, each in one piece. */
export function inBlocks<T>(list: readonly T[], count: number): readonly (readonly T[])[] {
  const start = (block: number) => Math.floor((block * list.length) / count);
  return Array.from({ length: count }, (_, block) => list.slice(start(block), start(block + 1)));
}
