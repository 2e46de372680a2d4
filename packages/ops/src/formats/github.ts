/** One line that GitHub Actions shows beside the code, or on the summary page when it names no file. */
export interface Annotation {
  readonly level: "error" | "warning" | "notice";
  /** Path below the repository's root. */
  readonly file?: string;
  /** Counted from one, as all four. */
  readonly line?: number;
  readonly column?: number;
  readonly endLine?: number;
  readonly endColumn?: number;
  /** A few words; GitHub shows them in bold. */
  readonly title?: string;
  readonly message: string;
}

/**
 * A workflow command of GitHub Actions: one line for standard output, without its line break.
 *
 * What stands in the message and the properties is escaped, so that a stranger's text can neither end the command nor
 * begin another.
 *
 * @see https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
 * @example
 * annotation({ level: "error", file: "migrations/7.sql", line: 3, message: "It locks the table." });
 * // "::error file=migrations/7.sql,line=3::It locks the table."
 */
export function annotation({ level, message, ...where }: Annotation): string {
  const properties = [
    ["file", where.file],
    ["line", where.line],
    ["endLine", where.endLine],
    ["col", where.column],
    ["endColumn", where.endColumn],
    ["title", where.title],
  ].flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${escapeProperty(String(value))}`]));
  const command = properties.length === 0 ? level : `${level} ${properties.join(",")}`;
  return `::${command}::${escapeMessage(message)}`;
}

function escapeMessage(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeMessage(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
