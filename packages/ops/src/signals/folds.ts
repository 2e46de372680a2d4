import type { Span } from "./signals.ts";

/** What a counter grew by, from samples given oldest first. A value below the one before is a restart from zero. */
export class Growth {
  /** Undefined until a finite sample was seen. */
  total: number | undefined;
  #last = 0;

  /** @param began what the series had before its first sample: zero when it is known to be new, else that sample itself */
  constructor(began?: 0) {
    if (began !== undefined) this.total = began;
  }

  add(value: number): void {
    // Not a count. What was counted before it still is.
    if (!Number.isFinite(value)) return;
    if (this.total === undefined) this.total = 0;
    else this.total += value >= this.#last ? value - this.#last : value;
    this.#last = value;
  }
}

/** Where a span was seen: stretches whose samples are no further apart than `longestGap`. */
export class Presence {
  readonly #stretches: [from: number, to: number][] = [];
  readonly #from: number;
  readonly #to: number;
  readonly #longestGap: number;

  /** @param longestGap milliseconds */
  constructor({ from, to }: Span, longestGap: number) {
    this.#from = from.getTime();
    this.#to = to.getTime();
    this.#longestGap = longestGap;
  }

  /** Samples come oldest first. */
  add(time: number): void {
    const last = this.#stretches.at(-1);
    if (last !== undefined && time - last[1] <= this.#longestGap) last[1] = Math.max(last[1], time);
    else this.#stretches.push([time, time]);
  }

  /** A stretch that is known to be whole. */
  addStretch(from: number, to: number): void {
    this.#stretches.push([from, to]);
  }

  /** Share of the span, 0 to 1, that any of these saw. Its ends count as samples of whatever was seen at all. */
  static share(presences: Iterable<Presence>): number {
    const [first] = presences;
    if (first === undefined) return 0;
    const stretches = [...presences].flatMap((each) => each.#stretches).sort(([a], [b]) => a - b);
    let covered = 0;
    let reached = first.#from;
    const cover = (from: number, to: number) => {
      const begin = from - reached <= first.#longestGap ? reached : from;
      if (to > begin) covered += to - begin;
      reached = Math.max(reached, to);
    };
    for (const [from, to] of stretches) cover(from, to);
    if (stretches.length > 0) {
      const rest = first.#to - reached;
      if (rest <= first.#longestGap) covered += Math.max(0, rest);
    }
    return Math.min(1, covered / (first.#to - first.#from));
  }
}
