import { parse } from "libpg-query";

/** What a statement takes away for good: a table by its name in the SQL, or a column of it. */
export interface Dropped {
  /** As written, a schema before it or not. */
  readonly relation: readonly string[];
  /** Absent: the whole table. */
  readonly column?: string;
}

/** Statements that change no row, whatever they say. */
const HARMLESS = new Set([
  ...["CommentStmt", "CreateFunctionStmt", "CreatePolicyStmt", "CreateStmt", "CreateTrigStmt", "GrantStmt"],
  ...["IndexStmt", "RenameStmt", "VariableSetStmt", "ViewStmt"],
]);

/** Kinds of object that hold no rows. Dropping a type or schema can take columns and tables along. */
const WITHOUT_ROWS = new Set(
  ["CONSTRAINT", "FUNCTION", "INDEX", "MATVIEW", "POLICY", "PROCEDURE", "RULE", "TRIGGER", "VIEW"].map(
    (kind) => `OBJECT_${kind}`,
  ),
);

/** Parts of `alter table` that change no value. A change of type is not among them: it may cut values off. */
const GENTLE = new Set(
  [
    ...["AddColumn", "AddConstraint", "ColumnDefault", "DropConstraint", "DropExpression", "DropIdentity"],
    ...[
      "DropNotNull",
      "EnableRowSecurity",
      "DisableRowSecurity",
      "SetNotNull",
      "SetStatistics",
      "SetStorage",
    ],
    "ValidateConstraint",
  ].map((part) => `AT_${part}`),
);

type Node = Readonly<Record<string, unknown>>;

/**
 * Which tables and columns the SQL drops, seen without running it. `undefined`: it may take away more than can be seen, by
 * a row that it changes, a block of code, a change of type or a name that changes on the way.
 */
export async function readDrops(sql: string): Promise<readonly Dropped[] | undefined> {
  let statements: readonly { readonly stmt?: unknown }[];
  try {
    statements = (await parse(sql)).stmts ?? [];
  } catch {
    return undefined;
  }
  const found: Dropped[] = [];
  let renames = false;
  for (const { stmt } of statements) {
    const [[kind, node] = ["", {}]] = Object.entries((stmt ?? {}) as Record<string, Node>);
    renames ||= kind === "RenameStmt";
    const dropped = dropsOf(kind, node);
    if (dropped === undefined) return undefined;
    found.push(...dropped);
  }
  // After a rename, a name in the SQL is not the one that there is before it.
  return renames && found.length > 0 ? undefined : found;
}

function dropsOf(kind: string, node: Node): readonly Dropped[] | undefined {
  if (HARMLESS.has(kind)) return [];
  if (kind === "DropStmt") return dropsOfDrop(node);
  return kind === "AlterTableStmt" ? dropsOfAlter(node) : undefined;
}

function dropsOfDrop({ removeType, objects }: Node): readonly Dropped[] | undefined {
  if (WITHOUT_ROWS.has(String(removeType))) return [];
  if (removeType !== "OBJECT_TABLE") return undefined;
  return (objects as readonly { readonly List: { readonly items: readonly Node[] } }[]).map(({ List }) => ({
    relation: List.items.map(({ String: word }) => (word as { readonly sval: string }).sval),
  }));
}

function dropsOfAlter({ relation, cmds, objtype }: Node): readonly Dropped[] | undefined {
  if (objtype !== "OBJECT_TABLE") return undefined;
  const { schemaname, relname } = relation as { readonly schemaname?: string; readonly relname: string };
  const name = schemaname === undefined ? [relname] : [schemaname, relname];
  const dropped: Dropped[] = [];
  for (const { AlterTableCmd: part } of cmds as readonly { readonly AlterTableCmd: Node }[]) {
    if (part.subtype === "AT_DropColumn") dropped.push({ relation: name, column: String(part.name) });
    else if (!GENTLE.has(String(part.subtype))) return undefined;
  }
  return dropped;
}
