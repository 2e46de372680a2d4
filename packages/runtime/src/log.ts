/** A logger of pino's shape. Records carry Seakeep's fields; time and level are the logger's own. */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** Takes finished JSON lines, each with its newline; any writable stream will do. */
export interface LineSink {
  write(line: string): unknown;
}

/**
 * Standard output, written at the end of the turn of the event loop and when the process exits; under load every few
 * milliseconds, for the write costs more than all else of a log line. One for the process: however many services are
 * observed, one exit handler.
 */
export const stdoutLines: LineSink = {
  write(line: string): void {
    if (pending === "") schedule();
    pending += line;
    // A turn that never ends (a busy loop, a flood) must not hold the log back, nor grow without bound.
    if (pending.length > LONGEST_PENDING) flush();
  },
};

/** Milliseconds between writes: what a `kill -9` may cost of a busy log. */
const INTERVAL = 5;
const LONGEST_PENDING = 64 * 1024;
let pending = "";
let flushed = Number.NEGATIVE_INFINITY;
let flushesOnExit = false;

function schedule(): void {
  if (!flushesOnExit) {
    flushesOnExit = true;
    process.once("exit", flush);
  }
  const wait = flushed + INTERVAL - performance.now();
  if (wait > 0) setTimeout(flush, wait);
  else setImmediate(flush);
}

function flush(): void {
  const lines = pending;
  pending = "";
  if (lines === "") return;
  flushed = performance.now();
  // As console.log does: a reader of the log that goes away must not take the service with it.
  const { stdout } = process;
  stdout.once("error", ignore);
  stdout.write(lines, ignoreLate);
  stdout.removeListener("error", ignore);
}

function ignore(): void {}

function ignoreLate(error?: Error | null): void {
  if (error && process.stdout.listenerCount("error") === 0) process.stdout.once("error", ignore);
}

let second = -1;
let secondText = "";

/** RFC 3339, UTC, milliseconds. Only the milliseconds change within a second, and formatting a date costs most. */
export function timestamp(now: number = Date.now()): string {
  const whole = Math.floor(now / 1000);
  if (whole !== second) {
    second = whole;
    secondText = new Date(whole * 1000).toISOString().slice(0, 20);
  }
  const ms = now - whole * 1000;
  return `${secondText}${ms < 10 ? "00" : ms < 100 ? "0" : ""}${ms}Z`;
}
