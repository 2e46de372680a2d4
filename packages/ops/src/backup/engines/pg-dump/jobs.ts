import { availableParallelism } from "node:os";

/** More workers than this rarely help, and each is a connection. */
const MOST = 8;

/** Workers when nobody says how many. */
export function defaultJobs(): number {
  return Math.min(availableParallelism(), MOST);
}
