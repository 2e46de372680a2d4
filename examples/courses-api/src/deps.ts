import type { Database } from "./database.ts";
import type { Log } from "./log.ts";
import type { Mailer } from "./mail.ts";

/** The outside world, handed in, so that a test can hand in another. */
export interface Deps {
  readonly database: Database;
  readonly mail: Mailer;
  readonly log: Log;
  /** Ends the process; used by rehearsals alone. */
  readonly exit: (code: number) => void;
}
