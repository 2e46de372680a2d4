import { type Context, createContext, runInContext } from "node:vm";

let context: Context | undefined;

/**
 * Runs `work`, which cannot be interrupted from within, for so many milliseconds at most: a pattern in a stranger's
 * schema can take for ever over a stranger's text. No sandbox: `work` is our own code.
 *
 * @throws what `work` throws; an error with the code `ERR_SCRIPT_EXECUTION_TIMEOUT` when the time is up.
 */
export function bounded<T>(work: () => T, timeoutMs: number): T {
  context ??= createContext();
  context.work = work;
  try {
    return runInContext("work()", context, { timeout: timeoutMs }) as T;
  } finally {
    context.work = undefined;
  }
}
