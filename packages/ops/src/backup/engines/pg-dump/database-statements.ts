import { quoteIdentifier } from "../../../postgres/quote.ts";
import type { ArchiveEntry } from "./archive/contents-table.ts";

/** What is said of the database itself, which pg_restore leaves out unless it may choose the database's name. */
export interface DatabaseStatements {
  /** Options of CREATE DATABASE: encoding and locale. */
  readonly options: string;
  readonly owner: string | undefined;
  /** Settings and comment, for the new name. */
  readonly settings: readonly string[];
  /** Grants and revocations, for the new name. */
  readonly privileges: readonly string[];
  /** What could not be turned to the new name; nothing of it may run, for it names the database backed up. */
  readonly left: readonly string[];
}

/** Not tablespace: another server need not have it. Not the rest: theirs are choices of the server. */
const OPTION =
  /\b(ENCODING|LOCALE|LC_COLLATE|LC_CTYPE|LOCALE_PROVIDER|ICU_LOCALE|ICU_RULES|BUILTIN_LOCALE) = ('(?:[^']|'')*'|\w+)/g;
/** The default; servers before 15 do not know the option. */
const DEFAULT_PROVIDER = "LOCALE_PROVIDER = libc";

const STATEMENT =
  /^(ALTER DATABASE |ALTER ROLE (?:"(?:[^"]|"")*"|[^\s"]+) IN DATABASE |(?:GRANT|REVOKE) [A-Z,]+ ON DATABASE |COMMENT ON DATABASE )("(?:[^"]|"")*"|[^\s"]+)( (?:SET|TO|FROM|IS) .+;)$/;

const PRIVILEGE = /^(GRANT|REVOKE) /;

/** @param name of the new database */
export function databaseStatements(entries: readonly ArchiveEntry[], name: string): DatabaseStatements {
  const database = entries.find(({ kind }) => kind === "DATABASE");
  const said = entries.filter(
    ({ kind, name: tag }) =>
      kind === "DATABASE PROPERTIES" ||
      ((kind === "ACL" || kind === "COMMENT") && tag.startsWith("DATABASE ")),
  );
  const lines = said.flatMap(({ definition }) => definition.split("\n")).filter((line) => line.trim() !== "");
  const turned = lines.map((line) => {
    const [, before, quoted, after] = STATEMENT.exec(line) ?? [];
    const source = quoted?.startsWith('"') ? quoted.slice(1, -1).replaceAll('""', '"') : quoted;
    return source !== undefined && source === database?.name
      ? { line, statement: `${before}${quoteIdentifier(name)}${after}` }
      : { line };
  });
  const statements = turned.flatMap(({ statement }) => statement ?? []);
  return {
    options: createOptions(database?.definition ?? ""),
    owner: database?.owner || undefined,
    settings: statements.filter((statement) => !PRIVILEGE.test(statement)),
    privileges: statements.filter((statement) => PRIVILEGE.test(statement)),
    left: turned.flatMap(({ line, statement }) => (statement === undefined ? [line] : [])),
  };
}

function createOptions(definition: string): string {
  const options = definition.slice(definition.lastIndexOf(" WITH TEMPLATE = template0"));
  return [...options.matchAll(OPTION)]
    .map(([option]) => option)
    .filter((option) => option !== DEFAULT_PROVIDER)
    .join(" ");
}
