import { userInfo } from "node:os";

/** The clocks of the process. */
export const CLOCK: { readonly date: () => Date; readonly now: () => number } = {
  date: () => new Date(),
  now: () => performance.now(),
};

/** Name of the account that runs the command; a container may run as one without a name. */
export function account(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? "unknown"}`;
  }
}
