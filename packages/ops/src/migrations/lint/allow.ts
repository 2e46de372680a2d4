import type { Piece, Script, Statement } from "../sql/parse.ts";
import { RULES, SEQUENCE_RULES } from "./rules.ts";

/** `-- seakeep: allow <rule> because <reason>`, and the statement that it stands at. */
export interface Allowance extends Piece {
  readonly rule: string;
  /** Absent: none is given, or there is no such rule; then nothing is allowed. */
  readonly reason?: string;
}

const COMMENT = /^--\s*seakeep:\s*allow\s+(\S+)(?:\s+because\s+(.*\S))?/i;

/** Every comment that means to allow something. */
export function allowancesIn({ comments }: Script): readonly Allowance[] {
  return comments.flatMap((comment): Allowance[] => {
    const [, rule, reason] = COMMENT.exec(comment.text) ?? [];
    if (rule === undefined) return [];
    const known = rule in RULES || rule in SEQUENCE_RULES;
    return [{ ...comment, rule, ...(known && reason && { reason }) }];
  });
}

/** What is allowed of a statement: by comments above it, within it, or on the line on which it ends. */
export function allowancesOf(
  written: readonly Allowance[],
  statement: Statement,
  from: number,
  text: string,
): readonly Allowance[] {
  const until = endOfLine(text, statement);
  return written.filter(({ offset }) => offset >= from && offset <= until);
}

/** Where the line ends on which a statement ends: comments behind it belong to it, not to the next one. */
export function endOfLine(text: string, statement: Statement): number {
  const line = text.indexOf("\n", statement.offset + statement.text.length);
  return line < 0 ? text.length : line;
}
