import { type Duration, milliseconds } from "@seakeep/contract";

/**
 * One thing the service needs to do its work. It is down when it throws, rejects, resolves to `false`, or is not done
 * by its deadline; the signal then tells it to give up.
 */
export type Check = (signal: AbortSignal) => unknown;

/** A check with limits of its own. */
export interface CheckOptions {
  readonly check: Check;
  /** How long it may take; default `"2s"`. */
  readonly deadline?: Duration;
  /** How long its result stands, so that probes cannot load what they ask about; default `"1s"`. */
  readonly cache?: Duration;
}

export interface CheckResult {
  readonly up: boolean;
  /** Milliseconds it took, or its deadline. */
  readonly took: number;
  /** Why it is down. For the log only: strangers read the endpoints. */
  readonly reason?: unknown;
}

/** The named checks of a service. */
export interface Health {
  readonly names: readonly string[];
  /** Runs the named checks at once; each settles by its deadline. */
  results(names: readonly string[]): Promise<ReadonlyMap<string, CheckResult>>;
}

const DEADLINE: Duration = "2s";
const CACHE: Duration = "1s";

/** @param changed told when a check turns: its name and first result of the new kind */
export function createHealth(
  checks: Readonly<Record<string, Check | CheckOptions>>,
  changed: (name: string, result: CheckResult) => void,
  clock: () => number = () => performance.now(),
): Health {
  const runners = new Map(
    Object.entries(checks).map(([name, given]) => {
      const options = typeof given === "function" ? { check: given } : given;
      return [name, new Runner(options, (result) => changed(name, result), clock)];
    }),
  );
  return {
    names: [...runners.keys()],
    async results(names) {
      const results = names.map(async (name) => [name, await runners.get(name)!.result()] as const);
      return new Map(await Promise.all(results));
    },
  };
}

/** Runs one check, never twice at a time: a hanging dependency must not gather a crowd of probes. */
class Runner {
  readonly #check: Check;
  readonly #deadline: number;
  readonly #cache: number;
  readonly #changed: (result: CheckResult) => void;
  readonly #clock: () => number;
  #latest: Promise<CheckResult> | undefined;
  /** True until the check itself settles, which may be long after its deadline. */
  #running = false;
  #freshUntil = 0;
  #wasUp = true;

  constructor(options: CheckOptions, changed: (result: CheckResult) => void, clock: () => number) {
    this.#check = options.check;
    this.#deadline = milliseconds(options.deadline ?? DEADLINE)!;
    this.#cache = milliseconds(options.cache ?? CACHE)!;
    this.#changed = changed;
    this.#clock = clock;
  }

  result(): Promise<CheckResult> {
    const usable = this.#running || this.#clock() < this.#freshUntil;
    if (this.#latest === undefined || !usable) this.#latest = this.#run();
    return this.#latest;
  }

  async #run(): Promise<CheckResult> {
    const started = this.#clock();
    const abort = new AbortController();
    this.#running = true;
    const work = this.#attempt(abort.signal).finally(() => {
      this.#running = false;
    });
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<Omit<CheckResult, "took">>((resolve) => {
      timer = setTimeout(() => {
        resolve({ up: false, reason: "deadline" });
        abort.abort();
      }, this.#deadline);
    });
    const verdict = await Promise.race([work, deadline]);
    clearTimeout(timer);
    const result = { ...verdict, took: this.#clock() - started };
    this.#freshUntil = this.#clock() + this.#cache;
    if (result.up !== this.#wasUp) {
      this.#wasUp = result.up;
      this.#changed(result);
    }
    return result;
  }

  async #attempt(signal: AbortSignal): Promise<Omit<CheckResult, "took">> {
    try {
      const answer = await this.#check(signal);
      return answer === false ? { up: false, reason: "false" } : { up: true };
    } catch (reason) {
      return { up: false, reason };
    }
  }
}
