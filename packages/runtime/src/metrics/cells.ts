/** Rows per allocation: one array of about 7 KiB, so that growth is rare and a small service stays small. */
const ROWS_PER_CHUNK = 64;

/** Seconds. Thirty years is no duration but a broken clock, and two of the largest numbers would make a sum infinite. */
const LONGEST = 1e9;

/**
 * The numbers of one (method, route, status): a count for each bucket, not cumulative, then the sum of durations.
 * They live in a shared `Float64Array`: adding to one allocates nothing, and no two rows share a cell.
 */
export interface Row {
  readonly status: number;
  readonly cells: Float64Array;
  /** Index of the first bucket in `cells`; the sum stands after the last one. */
  readonly start: number;
}

/** Hands out rows, a chunk of memory at a time. */
export class Cells {
  /** Ascending upper bounds, seconds; the bucket beyond the last is `+Inf`. */
  readonly edges: Float64Array;
  /** Buckets of a row, `+Inf` included. */
  readonly buckets: number;
  #chunk: Float64Array = new Float64Array(0);
  #next = 0;

  constructor(edges: readonly number[]) {
    this.edges = Float64Array.from(edges);
    this.buckets = edges.length + 1;
  }

  row(status: number): Row {
    const length = this.buckets + 1;
    if (this.#next + length > this.#chunk.length) {
      this.#chunk = new Float64Array(length * ROWS_PER_CHUNK);
      this.#next = 0;
    }
    const start = this.#next;
    this.#next += length;
    return { status, cells: this.#chunk, start };
  }

  /**
   * Adds one request. What is no duration (NaN, negative, endless) counts as slower than every edge, for unknown is
   * never good, adds nothing to the sum, and makes this `false`.
   */
  add({ cells, start }: Row, seconds: number): boolean {
    const { edges } = this;
    const last = edges.length;
    const valid = seconds >= 0 && seconds <= LONGEST;
    let bucket = valid ? 0 : last;
    // Linear on purpose: most requests end in the first few buckets, where it beats a binary search.
    while (bucket < last && seconds > edges[bucket]!) bucket++;
    cells[start + bucket]! += 1;
    if (valid) cells[start + last + 1]! += seconds;
    return valid;
  }

  /** Requests in a row: its `_count` and its `+Inf` bucket are both this, by construction. */
  count({ cells, start }: Row): number {
    let total = 0;
    for (let bucket = 0; bucket < this.buckets; bucket++) total += cells[start + bucket]!;
    return total;
  }

  sum({ cells, start }: Row): number {
    return cells[start + this.buckets]!;
  }
}
