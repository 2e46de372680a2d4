import { hasSqlDetails, type Node, parse, type ScanToken, scan } from "libpg-query";
import { offsetOfCharacter, utf16Offsets } from "./offsets.ts";

/** A piece of the text that was written, with the offset of its first character in UTF-16 code units. */
export interface Piece {
  readonly text: string;
  readonly offset: number;
}

/** One statement: what it says, and where it stands, without the comments above it and its semicolon. */
export interface Statement extends Piece {
  readonly node: Node;
  /** Without comments. */
  readonly tokens: readonly Token[];
  /** Some of its names are only known when it runs; others stand in their place. */
  readonly guessed?: true;
}

/** A word, name, literal or sign of SQL. */
export interface Token extends Piece {
  readonly kind: string;
}

/** A text of SQL, taken apart. */
export interface Script {
  readonly statements: readonly Statement[];
  readonly comments: readonly Piece[];
}

/** Why a text is not SQL, and where that shows. */
export class NotSql extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/**
 * Takes a text apart with Postgres' own parser.
 *
 * @throws {NotSql} also for what psql alone understands: its meta-commands, and the data below `COPY ... FROM stdin`.
 */
export async function parseScript(text: string): Promise<Script> {
  // The parser refuses the empty text.
  if (text.trim() === "") return { statements: [], comments: [] };
  if (text.startsWith("\uFEFF")) throw new NotSql(BYTE_ORDER_MARK, 0);
  // The parser would see nothing of what follows.
  if (text.includes("\0")) throw new NotSql("a NUL character ends the text", text.indexOf("\0"));
  const offsetOf = utf16Offsets(text);
  const parsed = await parse(text).catch((error: unknown) => {
    throw explain(text, error);
  });
  const tokens = (await scan(text)).tokens.map((token) => tokenOf(token, text, offsetOf));
  const comments = tokens.filter(isComment);
  const words = tokens.filter((token) => !isComment(token));
  let next = 0;
  const statements = (parsed.stmts ?? []).flatMap(
    ({ stmt, stmt_location: from = 0, stmt_len: length }): Statement[] => {
      const end = length ? offsetOf(from + length) : text.length;
      const own: Token[] = [];
      // Statements come in order, and between them stand semicolons alone.
      for (; next < words.length && words[next]!.offset < end; next += 1)
        if (words[next]!.kind !== "ASCII_59") own.push(words[next]!);
      const [first, last] = [own[0], own.at(-1)];
      if (stmt === undefined || first === undefined || last === undefined) return [];
      const whole = text.slice(first.offset, last.offset + last.text.length);
      return [{ node: stmt, text: whole, offset: first.offset, tokens: own }];
    },
  );
  const copy = statements.find(
    ({ node }) => "CopyStmt" in node && node.CopyStmt.is_from && !node.CopyStmt.filename,
  );
  if (copy !== undefined) throw new NotSql(COPY, copy.offset);
  return { statements, comments };
}

const BYTE_ORDER_MARK = "a byte order mark stands first, which Postgres takes for a part of the first word";
const COPY = "the data of COPY ... FROM stdin is for psql, and is no SQL; write it as INSERT";
const META = "a meta-command is for psql, and is no SQL";

function tokenOf(
  { start, end, tokenName }: ScanToken,
  text: string,
  offsetOf: (byte: number) => number,
): Token {
  const offset = offsetOf(start);
  return { kind: tokenName, text: text.slice(offset, offsetOf(end)), offset };
}

const isComment = ({ kind }: Token): boolean => kind.endsWith("COMMENT");

function explain(text: string, error: unknown): unknown {
  if (!hasSqlDetails(error)) return error;
  const offset = offsetOfCharacter(text, error.sqlDetails?.cursorPosition ?? 0);
  const [copy] = /\bcopy\b[^;]*\bfrom\s+stdin\b/i.exec(text.slice(0, offset)) ?? [];
  if (copy !== undefined) return new NotSql(COPY, text.indexOf(copy));
  const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  const meta = /^\s*\\/.test(text.slice(lineStart)) || text[offset] === "\\";
  return new NotSql(meta ? META : error.message, offset);
}
