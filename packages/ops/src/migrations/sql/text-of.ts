import type { FuncCall, Node } from "libpg-query";
import { stringsOf } from "./names.ts";
import { parseScript } from "./parse.ts";

/** A text that an expression makes. */
export interface MadeText {
  /** What is only known when it runs is a name in it, or an empty literal. */
  readonly text: string;
  /** Nothing in it is. */
  readonly certain: boolean;
}

/** Stands for a name that is only known when the text is made. */
const NAME = "the_name";
const unknown: MadeText = { text: NAME, certain: false };

/** What `EXECUTE` is given: `'drop table a'`, `'drop table ' || a`, `format('drop table %I', a)`. */
export async function textOf(expression: string): Promise<MadeText> {
  const script = await parseScript(`select ${expression}`).catch(() => undefined);
  const [statement] = script?.statements ?? [];
  const targets = statement && "SelectStmt" in statement.node ? statement.node.SelectStmt.targetList : [];
  const [target] = targets ?? [];
  return target && "ResTarget" in target ? made(target.ResTarget.val) : unknown;
}

function made(node: Node | undefined): MadeText {
  if (node === undefined) return unknown;
  if ("A_Const" in node && node.A_Const.sval) return { text: node.A_Const.sval.sval ?? "", certain: true };
  if ("TypeCast" in node) return made(node.TypeCast.arg);
  if ("FuncCall" in node) return called(node.FuncCall);
  if ("A_Expr" in node && stringsOf(node.A_Expr.name?.[0]).includes("||"))
    return joined([node.A_Expr.lexpr, node.A_Expr.rexpr]);
  return unknown;
}

function joined(nodes: readonly (Node | undefined)[]): MadeText {
  const parts = nodes.map(made);
  return { text: parts.map(({ text }) => text).join(""), certain: parts.every(({ certain }) => certain) };
}

function called({ funcname, args = [] }: FuncCall): MadeText {
  const name = (funcname ?? []).flatMap(stringsOf).at(-1);
  if (name === "concat") return joined(args);
  if (name === "quote_literal" || name === "quote_nullable") return { text: "''", certain: false };
  if (name !== "format") return unknown;
  const { text, certain } = made(args[0]);
  if (!certain) return unknown;
  const filled = text.replaceAll(/%(?:\d+\$)?-?\d*([sIL%])/g, (_whole, kind: string) =>
    kind === "%" ? "%" : kind === "L" ? "''" : NAME,
  );
  return { text: filled, certain: args.length === 1 };
}
