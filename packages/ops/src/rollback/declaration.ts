import type { Problems } from "@seakeep/contract";
import * as v from "valibot";
import { PLACEHOLDERS, placeholdersIn } from "./words.ts";

/** How versions are deployed and migrations are taken back, as written in `seakeep.config.ts`. Every command is a list of
 * words that no shell sees; `{previous}`, `{current}`, `{migration}` and `{count}` are filled in. Write no secret into them. */
export interface RollbackDeclaration {
  readonly app?: {
    /** Deploys the version before, and ends when it runs: `["kubectl", "set", "image", "deploy/shop", "shop=shop:{previous}"]`. */
    readonly command: readonly string[];
    /** Ends with 0 only when `{previous}` is what runs. Without it a step that was cut off is repeated. */
    readonly check?: readonly string[];
    /** Ends with 0 only when `{previous}` can still be deployed, such as one that looks for its image. */
    readonly available?: readonly string[];
  };
  /** The project's own migration tool. Without it Seakeep takes migrations back itself, by their down SQL. */
  readonly migrate?: {
    /** Takes the newest `{count}` migrations back, `{migration}` as the last: `["npx", "node-pg-migrate", "down", "{count}"]`. */
    readonly down: readonly string[];
    /** Applies the next `{count}` again. */
    readonly up: readonly string[];
  };
}

/** {@link RollbackDeclaration}, checked. */
export type Rollback = RollbackDeclaration;

const LIST = 'a list of words such as ["kubectl", "rollout", "undo", "deploy/shop"]';

const words = v.pipe(
  v.array(v.pipe(v.string("a word"), v.regex(/^[^\0]+$/, "a word without a zero byte")), LIST),
  v.minLength(1, LIST),
);

/** The shape of the section `rollback`. */
export const ROLLBACK: v.GenericSchema = v.strictObject(
  {
    app: v.optional(
      v.strictObject(
        { command: words, check: v.optional(words), available: v.optional(words) },
        "an object such as { command: [...] }",
      ),
    ),
    migrate: v.optional(
      v.strictObject({ down: words, up: words }, "an object such as { down: [...], up: [...] }"),
    ),
  },
  "an object such as { app: { command: [...] } }",
);

/** Checks what the words say. */
export function resolveRollback(written: RollbackDeclaration | undefined, problems: Problems): Rollback {
  const { app, migrate } = written ?? {};
  const commands: readonly (readonly [path: string, command: readonly string[] | undefined])[] = [
    ["app.command", app?.command],
    ["app.check", app?.check],
    ["app.available", app?.available],
    ["migrate.down", migrate?.down],
    ["migrate.up", migrate?.up],
  ];
  for (const [path, command] of commands) if (command) checkWords(command, `rollback.${path}`, problems);
  return written ?? {};
}

function checkWords(command: readonly string[], path: string, problems: Problems): void {
  for (const [index, word] of command.entries()) {
    const at = `${path}[${index}]`;
    const names = placeholdersIn(word);
    const other = names.find((name) => !(PLACEHOLDERS as readonly string[]).includes(name));
    if (other !== undefined) {
      const known = PLACEHOLDERS.map((name) => `{${name}}`).join(", ");
      problems.add(at, `{${other}}`, `one of ${known}`, "Nothing else is filled in.");
    }
    if (index === 0 && names.length > 0)
      problems.add(at, word, "the name of a program", "What runs must not depend on what is filled in.");
  }
}
