import { createHash } from "node:crypto";

/** Chance that comes out the same each time. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** A whole number in [0, below). */
  below(below: number): number;
  pick<T>(list: readonly T[]): T;
  chance(probability: number): boolean;
}

/** The numbers that follow from a seed: SHA-256 in counter mode, so that no two seeds resemble each other. */
export function randomOf(seed: string): Random {
  let count = 0;
  const next = () => {
    const digest = createHash("sha256").update(`${seed} ${count++}`).digest();
    return digest.readUIntBE(0, 6) / 2 ** 48;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    ...{ next, below },
    pick(list) {
      if (list.length === 0) throw new Error("nothing to pick from");
      return list[below(list.length)]!;
    },
    chance: (probability) => next() < probability,
  };
}
