import { type Node, parsePlPgSQL } from "libpg-query";
import { type Piece, parseScript, type Statement } from "./parse.ts";
import { textOf } from "./text-of.ts";
import { walk } from "./walk.ts";

/** What a block of code runs: the statements that can be seen, and the places of what cannot. */
export interface Body {
  readonly statements: readonly Statement[];
  readonly unseen: readonly (Piece & { readonly why: string })[];
}

/** The statements within `DO`. What is put together at run time, or in another language, cannot be seen. */
export async function statementsOfBlock(statement: Statement): Promise<Body> {
  const { code, language } = blockOf(statement.node);
  const hidden = (why: string): Body => ({
    statements: [],
    unseen: [{ text: statement.text, offset: statement.offset, why }],
  });
  if (language !== "plpgsql") return hidden(`it is written in ${language}`);
  const tree = await parsePlPgSQL(statement.text).catch((error: Error) => error);
  if (tree instanceof Error) return hidden(`it cannot be read: ${tree.message}`);
  const at = statement.text.indexOf(code);
  const place = at < 0 ? undefined : { code, offset: statement.offset + at };
  const statements: Statement[] = [];
  const unseen: Body["unseen"][number][] = [];
  for (const { line, query, dynamic } of queriesIn(tree)) {
    const piece = locate(query, line, place) ?? { text: query, offset: statement.offset };
    const { text, certain } = dynamic ? await textOf(query) : { text: query, certain: true };
    const inner = await parseScript(text).catch(() => undefined);
    if (inner === undefined || !certain) unseen.push({ ...piece, why: "its text is made when it runs" });
    statements.push(...(inner?.statements ?? []).map((found) => moved(found, piece, { dynamic, certain })));
  }
  return { statements, unseen };
}

function blockOf(node: Node): { code: string; language: string } {
  let [code, language] = ["", "plpgsql"];
  for (const [kind, { defname, arg }] of walk(node)) {
    if (kind !== "DefElem") continue;
    const text = (arg as { String?: { sval?: string } } | undefined)?.String?.sval ?? "";
    if (defname === "as") code = text;
    if (defname === "language") language = text.toLowerCase();
  }
  return { code, language };
}

interface Query {
  readonly line: number;
  readonly query: string;
  readonly dynamic: boolean;
}

/** Nodes of PL/pgSQL that run a statement, and the key under which they keep it. */
const RUNS: Readonly<Record<string, string>> = {
  PLpgSQL_stmt_execsql: "sqlstmt",
  PLpgSQL_stmt_perform: "expr",
  PLpgSQL_stmt_call: "expr",
  PLpgSQL_stmt_fors: "query",
  PLpgSQL_stmt_return_query: "query",
};
const RUNS_TEXT: Readonly<Record<string, string>> = {
  PLpgSQL_stmt_dynexecute: "query",
  PLpgSQL_stmt_dynfors: "query",
};

function* queriesIn(tree: unknown): Generator<Query> {
  for (const [kind, node] of walk(tree)) {
    const dynamic = kind in RUNS_TEXT;
    const key = RUNS[kind] ?? RUNS_TEXT[kind];
    if (key === undefined) continue;
    const query = (node[key] as { PLpgSQL_expr?: { query?: string } } | undefined)?.PLpgSQL_expr?.query;
    if (query !== undefined) yield { line: Number(node.lineno ?? 1), query, dynamic };
  }
}

/** Where a query stands in the code, from its line on. */
function locate(
  query: string,
  line: number,
  place: { readonly code: string; readonly offset: number } | undefined,
): Piece | undefined {
  if (place === undefined) return undefined;
  // PERFORM is kept as a SELECT.
  const text = query.replace(/^SELECT (?=\S)/, "");
  let from = 0;
  for (let passed = 1; passed < line && from >= 0; passed += 1)
    from = place.code.indexOf("\n", from) + 1 || -1;
  const [whole, bare] = [
    place.code.indexOf(query, Math.max(from, 0)),
    place.code.indexOf(text, Math.max(from, 0)),
  ];
  const at = whole >= 0 ? whole : bare;
  return at < 0 ? undefined : { text: whole >= 0 ? query : text, offset: place.offset + at };
}

function moved(
  found: Statement,
  piece: Piece,
  { dynamic, certain }: { dynamic: boolean; certain: boolean },
): Statement {
  if (dynamic) return { ...found, offset: piece.offset, ...(!certain && { guessed: true }) };
  const by = piece.offset;
  return {
    ...found,
    offset: found.offset + by,
    tokens: found.tokens.map((token) => ({ ...token, offset: token.offset + by })),
  };
}
