import { parse } from "libpg-query";

/** One statement of a text. */
export interface Statement {
  readonly text: string;
  /** It opens or ends a transaction itself. */
  readonly transaction?: "begin" | "end";
}

/** Parts of a parse tree that are read here. */
interface Tree {
  readonly stmts?: readonly {
    readonly stmt?: { readonly TransactionStmt?: { readonly kind?: string } };
    /** Bytes of UTF-8; absent: 0. */
    readonly stmt_location?: number;
    /** Absent: to the end. */
    readonly stmt_len?: number;
  }[];
}

const CONTROL: Readonly<Record<string, "begin" | "end">> = {
  TRANS_STMT_BEGIN: "begin",
  TRANS_STMT_START: "begin",
  TRANS_STMT_COMMIT: "end",
  TRANS_STMT_ROLLBACK: "end",
};

/** The statements of a text, in order; `undefined`: Postgres's own parser does not understand it. */
export async function splitStatements(text: string): Promise<readonly Statement[] | undefined> {
  let tree: Tree;
  try {
    tree = (await parse(text)) as Tree;
  } catch {
    return undefined;
  }
  const bytes = Buffer.from(text);
  return (tree.stmts ?? []).map(({ stmt, stmt_location: from = 0, stmt_len: length = bytes.length }) => {
    const transaction = CONTROL[stmt?.TransactionStmt?.kind ?? ""];
    const own = bytes
      .subarray(from, from + length)
      .toString("utf8")
      .trim();
    return { text: own, ...(transaction && { transaction }) };
  });
}

/** Roles that a text names in grants and as owners, and that it does not create itself. */
export async function rolesNamed(text: string): Promise<readonly string[]> {
  const named = new Set<string>();
  const made = new Set<string>();
  const walk = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    const { rolename, CreateRoleStmt } = node as { rolename?: unknown; CreateRoleStmt?: { role?: string } };
    if (typeof rolename === "string") named.add(rolename);
    if (CreateRoleStmt?.role !== undefined) made.add(CreateRoleStmt.role);
    for (const child of Object.values(node)) walk(child);
  };
  // What cannot be parsed names nobody.
  walk(await parse(text).catch(() => undefined));
  return [...named].filter((role) => !made.has(role));
}
