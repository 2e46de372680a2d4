import type { Loaded } from "./load-rows.ts";

/** Tables that were loaded and wait to be read back: whoever loads puts them in, and readers take them out. */
export class LoadedTables {
  readonly #waiting: Loaded[] = [];
  #begun = false;
  #ended = false;
  #wake: () => void = () => {};
  #change = this.#next();

  add(table: Loaded): void {
    this.#waiting.push(table);
    this.#tell();
  }

  /** From now on they may be read. */
  begin(): void {
    this.#begun = true;
    this.#tell();
  }

  /** No more will come. */
  end(): void {
    this.#ended = true;
    this.begin();
  }

  /** Several may take from it: each table goes to one. */
  async *tables(signal: AbortSignal): AsyncGenerator<Loaded, void> {
    const abort = () => this.#tell();
    signal.addEventListener("abort", abort, { once: true });
    try {
      for (;;) {
        signal.throwIfAborted();
        const table = this.#begun ? this.#waiting.shift() : undefined;
        if (table !== undefined) yield table;
        else if (this.#ended) return;
        else await this.#change;
      }
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  #tell(): void {
    const wake = this.#wake;
    this.#change = this.#next();
    wake();
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
