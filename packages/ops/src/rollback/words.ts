import { SeakeepError } from "@seakeep/contract";

/** What a configured command may have filled in. */
export const PLACEHOLDERS = ["previous", "current", "migration", "count"] as const;
export type Placeholder = (typeof PLACEHOLDERS)[number];

/** Other braces are none of ours: kubectl has its own, as in `{.spec.replicas}`. */
const BRACES = /\{([a-z]+)\}/g;

/** The names in braces that stand in a word. */
export function placeholdersIn(word: string): string[] {
  return [...word.matchAll(BRACES)].map(([, name]) => name!);
}

/**
 * Fills a command. No shell ever sees it: each word stays one word, whatever is filled in.
 *
 * @throws {SeakeepError} `SK-ROLLBACK-002` when a value is missing.
 */
export function fillCommand(
  command: readonly string[],
  values: { readonly [P in Placeholder]?: string | undefined },
): readonly string[] {
  return command.map((word) =>
    word.replace(BRACES, (whole, name: Placeholder) => {
      const value = values[name];
      if (value !== undefined) return value;
      throw new SeakeepError(
        "SK-ROLLBACK-002",
        `The command ${shown(command)} needs ${whole}, and it is not known.`,
      );
    }),
  );
}

/** Letters, digits and what tags, digests and image names have; no word that begins like an option, no way up a folder. */
const VERSION = /^(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._+:@/-]{0,199}$/;

/** True for a text that may be put into a command as a version. */
export function isVersion(text: string): boolean {
  return VERSION.test(text);
}

/** True for a name of a migration that may be put into a command: no option, no line break, no way up a folder. */
export function isMigrationName(name: string): boolean {
  return /^(?!.*\.\.)[\p{L}\p{N}_][\p{L}\p{N} ._+@-]{0,199}$/u.test(name);
}

const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** The command as a POSIX shell takes it: to be copied, and to do exactly what is meant. */
export function shown(command: readonly string[]): string {
  return command.map((word) => (PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(" ");
}
