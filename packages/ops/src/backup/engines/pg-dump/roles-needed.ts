import type { ArchiveEntry } from "./archive/contents-table.ts";

/** Roles that a restore refers to, by what becomes of it without them. */
export interface RolesNeeded {
  /** Who owns something. */
  readonly owners: ReadonlySet<string>;
  /** Who is granted something, or grants it. */
  readonly grantees: ReadonlySet<string>;
  /** Whom a row-level security policy names. */
  readonly policies: ReadonlySet<string>;
}

const TOKEN = /"(?:[^"]|"")*"|'(?:[^']|'')*'|[^\s",;()']+|[,;()]/g;
const PSEUDO: ReadonlySet<string> = new Set(["PUBLIC", "CURRENT_USER", "CURRENT_ROLE", "SESSION_USER"]);

export function rolesNeeded(entries: readonly ArchiveEntry[]): RolesNeeded {
  const owners = new Set(entries.map(({ owner }) => owner).filter((owner) => owner !== ""));
  const named = (kinds: readonly string[]) =>
    new Set(
      entries.filter(({ kind }) => kinds.includes(kind)).flatMap(({ definition }) => rolesIn(definition)),
    );
  return { owners, grantees: named(["ACL", "DEFAULT ACL"]), policies: named(["POLICY"]) };
}

/** The names after TO, FROM, FOR ROLE and SESSION AUTHORIZATION, as pg_dump writes them. */
function rolesIn(statements: string): string[] {
  const tokens = statements.match(TOKEN) ?? [];
  const roles: string[] = [];
  for (let index = 1; index < tokens.length; index++) {
    const before = `${tokens[index - 2] ?? ""} ${tokens[index - 1]}`;
    if (!/ (TO|FROM)$|^FOR ROLE$|^SESSION AUTHORIZATION$/.test(before)) continue;
    // RESET SESSION AUTHORIZATION names nobody.
    if (tokens[index] === ";") continue;
    roles.push(tokens[index]!);
    while (tokens[index + 1] === ",") {
      index += 2;
      if (tokens[index] !== undefined) roles.push(tokens[index]!);
    }
  }
  return roles.filter((role) => !PSEUDO.has(role)).map(unquote);
}

function unquote(identifier: string): string {
  return identifier.startsWith('"') ? identifier.slice(1, -1).replaceAll('""', '"') : identifier;
}
