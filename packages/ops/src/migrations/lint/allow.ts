import type { Piece, Script, Statement } from "../sql/parse.ts";
import { RULES, SEQUENCE_RULES } from "./rules.ts";

/** `-- seakeep: allow <rule> because <reason>`, and the statement that it stands at. */
export interface Allowance extends Piece {
  readonly rule: string;
  /** Absent: none is given, or there is no such rule; then nothing is allowed. */
  readonly reason?: string;
}

const COMMENT = /^--\s*seakeep:\s*allow\s+(\S+)(?:\s+because\s+(.*\S))?/i;

/** What is allowed of a statement: by comments above it, within it, or on the line on which it ends. */
export function allowancesOf(
  { comments }: Script,
  statement: Statement,
  from: number,
  text: string,
): readonly Allowance[] {
  const end = statement.offset + statement.text.length;
  const line = text.indexOf("\n", end);
  const until = line < 0 ? text.length : line;
  return comments.flatMap((comment): Allowance[] => {
    const [, rule, reason] = COMMENT.exec(comment.text) ?? [];
    if (rule === undefined || comment.offset < from || comment.offset > until) return [];
    const known = rule in RULES || rule in SEQUENCE_RULES;
    return [{ ...comment, rule, ...(known && reason && { reason }) }];
  });
}

/** Where the line ends on which a statement ends: comments behind it belong to it, not to the next one. */
export function endOfLine(text: string, statement: Statement): number {
  const line = text.indexOf("\n", statement.offset + statement.text.length);
  return line < 0 ? text.length : line;
}
