import { availableParallelism } from "node:os";

/** More workers than this rarely help, and each is a connection. */
const MOST = 8;

/** Workers when nobody says how many. */
export function defaultJobs(): number {
  return Math.min(availableParallelism(), MOST);
}

/** A table that is worth a worker of its own. */
export interface LargeTable {
  /** Its name, quoted: SQL and the patterns of `pg_dump --table` read it alike. */
  readonly pattern: string;
  readonly bytes: number;
}

/**
 * Deals large tables out to workers, largest first to whoever has least, beside all the rest that the first worker has.
 * Answers what each worker but the first takes from it; none that would have nothing.
 */
export function dealOut(tables: readonly LargeTable[], rest: number, workers: number): string[][] {
  const hands = Array.from({ length: workers }, (_, index) => ({
    bytes: index === 0 ? rest : 0,
    patterns: [] as string[],
  }));
  for (const { pattern, bytes } of [...tables].sort((a, b) => b.bytes - a.bytes)) {
    const least = hands.reduce((best, hand) => (hand.bytes < best.bytes ? hand : best));
    least.bytes += bytes;
    least.patterns.push(pattern);
  }
  return hands.slice(1).flatMap(({ patterns }) => (patterns.length > 0 ? [patterns] : []));
}
