import { writeSync } from "node:fs";
import { EDGES } from "./service.ts";

/**
 * The least that instrumentation can cost: what one would write by hand for a single service, no options, nothing
 * bounded, nothing escaped. A request id, one histogram row per method, route and status, and one log line. It is the
 * yardstick for Seakeep's own overhead, not something to copy.
 */
export class Floor {
  readonly #rows = new Map<string, Float64Array>();
  readonly #prefix = Math.random().toString(36).slice(2, 10);
  #requests = 0;
  #lines = "";

  id(): string {
    return `${this.#prefix}-${(this.#requests++).toString(36)}`;
  }

  record(
    method: string,
    route: string,
    path: string,
    status: number,
    id: string,
    milliseconds: number,
  ): void {
    const key = `${method} ${route} ${status}`;
    let row = this.#rows.get(key);
    if (row === undefined) {
      row = new Float64Array(EDGES.length + 2);
      this.#rows.set(key, row);
    }
    const seconds = milliseconds / 1000;
    let bucket = 0;
    while (bucket < EDGES.length && seconds > EDGES[bucket]!) bucket++;
    row[bucket]!++;
    row[EDGES.length + 1]! += seconds;
    this.#write(
      `{"time":${Date.now()},"request_id":"${id}","method":"${method}","path":"${path}","path_template":"${route}","status":${status},"duration_ms":${milliseconds}}\n`,
    );
  }

  #write(line: string): void {
    if (this.#lines === "") setImmediate(() => this.#flush());
    this.#lines += line;
  }

  #flush(): void {
    writeSync(1, this.#lines);
    this.#lines = "";
  }
}
