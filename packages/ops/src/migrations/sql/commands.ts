import type { Piece, Statement, Token } from "./parse.ts";

/**
 * The commands of an ALTER TABLE as they are written, one piece each; the whole statement in place of each when they
 * cannot be told apart.
 *
 * @param count how many the parser found
 */
export function splitCommands(statement: Statement, count: number): readonly Piece[] {
  const pieces = cut(statement, afterName(statement.tokens));
  return pieces.length === count ? pieces : Array.from({ length: count }, () => statement);
}

/** Index of the token after `ALTER kind [IF EXISTS] [ONLY] name [*]`. */
function afterName(tokens: readonly Token[]): number {
  let index = 2;
  const word = () => tokens[index]?.text.toLowerCase();
  // MATERIALIZED VIEW, FOREIGN TABLE
  if (word() === "view" || word() === "table") index += 1;
  if (word() === "if") index += 2;
  if (word() === "only") index += 1;
  index += 1;
  while (word() === ".") index += 2;
  return word() === "*" ? index + 1 : index;
}

function cut({ text, offset, tokens }: Statement, from: number): Piece[] {
  const pieces: Piece[] = [];
  let depth = 0;
  let first = from;
  const close = (last: number) => {
    const [start, end] = [tokens[first], tokens[last]];
    if (start === undefined || end === undefined || last < first) return;
    const until = end.offset + end.text.length;
    pieces.push({ text: text.slice(start.offset - offset, until - offset), offset: start.offset });
  };
  for (let index = from; index < tokens.length; index += 1) {
    const sign = tokens[index]!.text;
    if (sign === "(" || sign === "[") depth += 1;
    else if (sign === ")" || sign === "]") depth -= 1;
    else if (sign === "," && depth === 0) {
      close(index - 1);
      first = index + 1;
    }
  }
  close(tokens.length - 1);
  return pieces;
}
