import type { Environment } from "../print.ts";

/** Who decides, as far as the machine can say: a claim, which a signature on the record backs. */
export interface Actor {
  readonly name: string;
  /** Where the name is from: `--by`, a variable of the CI, or `user` for the account. */
  readonly from: string;
}

/** What the usual CI systems call whoever started the run. */
const VARIABLES = [
  "GITHUB_ACTOR",
  "GITLAB_USER_LOGIN",
  "BUILDKITE_BUILD_CREATOR",
  "CIRCLE_USERNAME",
] as const;

/** Longest name that is kept. */
const LONGEST = 100;

/**
 * @param given `--by`
 * @param account name of the account that runs the command
 */
export function actor(given: string | undefined, environment: Environment, account: () => string): Actor {
  if (given !== undefined) return { name: clean(given), from: "--by" };
  const variable = VARIABLES.find((name) => environment[name]);
  if (variable !== undefined) return { name: clean(environment[variable]!), from: variable };
  return { name: clean(account()), from: "user" };
}

/** On one line, and without what a terminal obeys. */
function clean(name: string): string {
  return name
    .replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, " ")
    .trim()
    .slice(0, LONGEST);
}
