import type { AlterTableCmd, AlterTableStmt, ColumnDef, Constraint, Node } from "libpg-query";
import { splitCommands } from "../../sql/commands.ts";
import { same, type TableName, tableOf } from "../../sql/names.ts";
import type { Piece, Statement } from "../../sql/parse.ts";
import { columnsIn } from "../../sql/walk.ts";
import type { Catalog, KnownRelation } from "../catalog.ts";
import type { Operation } from "../operation.ts";
import type { OperationKind } from "../operations.ts";
import { SERIAL, typeChange, typeOf } from "../types.ts";
import { isVolatile } from "../volatile.ts";
import { attachment } from "./partition.ts";

/** What the command is given: its words, what it is about, and what is known of that. */
interface Given {
  readonly command: AlterTableCmd;
  readonly piece: Piece;
  readonly table: TableName;
  readonly only: boolean;
  readonly known: KnownRelation | undefined;
  readonly catalog: Catalog;
}

/** What an ALTER TABLE, INDEX, VIEW or SEQUENCE asks for, one command after the other. */
export function readAlterTable(
  node: AlterTableStmt,
  statement: Statement,
  catalog: Catalog,
): readonly Operation[] {
  const commands = (node.cmds ?? []).flatMap((cmd) => ("AlterTableCmd" in cmd ? [cmd.AlterTableCmd] : []));
  const pieces = splitCommands(statement, commands.length);
  const table = tableOf(node.relation);
  const known = catalog.find(table);
  return commands.flatMap((command, index): readonly Operation[] => {
    const piece = commands.length === 1 ? statement : pieces[index]!;
    if (node.objtype === "OBJECT_INDEX") {
      const kind = command.subtype === "AT_SetTableSpace" ? "move-index" : "alter-index";
      return [{ kind, name: table.name, ...at(piece) }];
    }
    if (node.objtype === "OBJECT_SEQUENCE") return [{ kind: "harmless", ...at(piece) }];
    if (node.objtype === "OBJECT_TYPE") return [composite(command, table, piece)];
    const only = node.relation?.inh !== true;
    return readCommand({ command, piece, table, only, known, catalog });
  });
}

const at = ({ text, offset }: Piece): Piece => ({ text, offset });

/** Without CASCADE, Postgres refuses another type for an attribute of which there are values. */
function composite({ subtype, name, behavior }: AlterTableCmd, table: TableName, piece: Piece): Operation {
  const retyped = subtype === "AT_AlterColumnType" && behavior === "DROP_CASCADE";
  const kind = subtype === "AT_DropColumn" ? "drop-object" : retyped ? "change-type" : "harmless";
  return { kind, name: `${table.name}.${name}`, detail: "the attribute", ...at(piece) };
}

/** Commands that always mean one thing. */
const PLAIN: Readonly<Record<string, OperationKind>> = {
  AT_DropNotNull: "drop-not-null",
  AT_DropExpression: "drop-expression",
  AT_SetExpression: "set-expression",
  AT_SetStatistics: "set-statistics",
  AT_SetOptions: "set-column-options",
  AT_ResetOptions: "set-column-options",
  AT_SetStorage: "set-storage",
  AT_SetCompression: "set-storage",
  AT_AddIdentity: "change-identity",
  AT_SetIdentity: "change-identity",
  AT_DropIdentity: "drop-identity",
  AT_ValidateConstraint: "validate-constraint",
  AT_AlterConstraint: "alter-constraint",
  AT_SetLogged: "set-logged",
  AT_SetUnLogged: "set-logged",
  AT_SetTableSpace: "set-tablespace",
  AT_SetAccessMethod: "set-access-method",
  AT_ClusterOn: "set-cluster-index",
  AT_DropCluster: "set-cluster-index",
  AT_ChangeOwner: "change-owner",
  AT_ReplicaIdentity: "set-replica-identity",
  AT_EnableRowSecurity: "enable-row-security",
  AT_ForceRowSecurity: "enable-row-security",
  AT_DisableRowSecurity: "disable-row-security",
  AT_NoForceRowSecurity: "disable-row-security",
};

function readCommand(given: Given): readonly Operation[] {
  const { command, table, only, piece, known, catalog } = given;
  const { subtype = "", name, def } = command;
  const base = { ...at(piece), table, only, ...(name ? { name, column: name } : {}) };
  const plain = PLAIN[subtype];
  if (plain !== undefined) return [{ ...base, kind: plain }];
  if (/^AT_Disable\w*Trig/.test(subtype)) return [{ ...base, kind: "disable-trigger" }];
  if (/^AT_Enable\w*Trig/.test(subtype)) return [{ ...base, kind: "switch-trigger" }];
  if (/^AT_(Enable|Disable)\w*Rule/.test(subtype)) return [{ ...base, kind: "switch-rule" }];
  switch (subtype) {
    case "AT_AddColumn":
      return addColumn(given, columnOf(def));
    case "AT_ColumnDefault":
      return [{ ...base, kind: def === undefined ? "drop-default" : "set-default" }];
    case "AT_SetNotNull":
      return [{ ...base, kind: isNotNull(known, name) ? "set-not-null-proven" : "set-not-null" }];
    case "AT_AlterColumnType":
      return [{ ...base, ...changeType(given, columnOf(def)) }, ...dependents(piece, keysOn(given))];
    case "AT_AddConstraint":
      return def && "Constraint" in def
        ? addConstraint(given, def.Constraint)
        : [{ ...base, kind: "alter-table" }];
    case "AT_DropColumn": {
      const views = command.behavior === "DROP_CASCADE" ? catalog.viewsOn(table, name) : [];
      return [{ ...base, kind: "drop-column" }, ...dependents(piece, views)];
    }
    case "AT_DropConstraint": {
      const gone = known?.constraints.find((constraint) => constraint.name === name);
      // Postgres' own name tells a key that nothing else is known of.
      if (gone?.kind === "unique" || gone?.kind === "primary key" || (!gone && name?.endsWith("_pkey"))) {
        const keys = command.behavior === "DROP_CASCADE" ? catalog.referencing(table) : [];
        return [{ ...base, kind: "drop-key" }, ...dependents(piece, keys)];
      }
      return [{ ...base, kind: "drop-constraint", ...(gone?.references && { other: gone.references }) }];
    }
    case "AT_SetRelOptions":
    case "AT_ResetRelOptions":
      return [{ ...base, kind: isStrongOption(def) ? "set-table-options-strong" : "set-table-options" }];
    case "AT_DropInherit":
      return [{ ...base, kind: "no-inherit" }];
    case "AT_AddInherit":
      return [
        {
          ...base,
          kind: "inherit",
          ...(def && "RangeVar" in def && { other: tableOf(def.RangeVar) }),
        },
      ];
    case "AT_AttachPartition":
    case "AT_DetachPartition":
    case "AT_DetachPartitionFinalize":
      return attachment(subtype, { def, base, catalog });
    default:
      return [{ ...base, kind: "alter-table" }];
  }
}

const columnOf = (def: Node | undefined): ColumnDef => (def && "ColumnDef" in def ? def.ColumnDef : {});

const constraintsOf = (column: ColumnDef): readonly Constraint[] =>
  (column.constraints ?? []).flatMap((node) => ("Constraint" in node ? [node.Constraint] : []));

function addColumn({ table, only, piece, catalog }: Given, column: ColumnDef): readonly Operation[] {
  const constraints = constraintsOf(column);
  const of = (...types: string[]) => constraints.find(({ contype }) => types.includes(contype ?? ""));
  const name = column.colname ?? "";
  const base = { ...at(piece), table, only, column: name, name };
  const type = typeOf(column.typeName);
  const serial = (column.typeName?.names?.length ?? 0) === 1 && isSerial(column);
  const value = of("CONSTR_DEFAULT")?.raw_expr;
  const hasDefault = value !== undefined && !isNull(value);
  const generated = of("CONSTR_GENERATED");
  const stored = generated !== undefined && (generated.generated_kind ?? "s") !== "v";
  const made = serial || of("CONSTR_IDENTITY") !== undefined || stored;
  const rewrites =
    made || (hasDefault && isVolatile(value)) || catalog.domains.get(type?.name ?? "")?.constrained;
  const kinds: { kind: OperationKind; other?: TableName; detail?: string }[] = [
    {
      kind: rewrites ? "add-column-rewrite" : "add-column",
      detail: rewrites ? reasonOf(made, stored, serial) : "",
    },
  ];
  const required = of("CONSTR_NOTNULL", "CONSTR_PRIMARY") !== undefined && !hasDefault && !made && !generated;
  if (required) kinds.push({ kind: "add-required-column" });
  if (of("CONSTR_CHECK")) kinds.push({ kind: "add-column-check" });
  if (of("CONSTR_UNIQUE", "CONSTR_PRIMARY")) kinds.push({ kind: "add-column-unique" });
  const foreign = of("CONSTR_FOREIGN");
  if (foreign) {
    const kind = hasDefault || made ? "add-column-references-default" : "add-column-references";
    kinds.push({ kind, other: tableOf(foreign.pktable) });
  }
  return kinds.map((kind) => ({ ...base, ...kind }));
}

function reasonOf(made: boolean, stored: boolean, serial: boolean): string {
  if (stored) return "each row's value is computed and stored";
  if (serial) return "each row takes a number from its sequence";
  return made ? "each row takes a number from its sequence" : "its default gives another value for each row";
}

const isSerial = (column: ColumnDef): boolean => {
  const names = (column.typeName?.names ?? []).flatMap((part) =>
    "String" in part ? [part.String.sval ?? ""] : [],
  );
  return names.length === 1 && names[0]! in SERIAL;
};

const isNull = (value: Node): boolean => "A_Const" in value && value.A_Const.isnull === true;

/** Known to hold no null: by its declaration, or by a check that every row was held against. */
function isNotNull(known: KnownRelation | undefined, column: string | undefined): boolean {
  if (known === undefined || column === undefined) return false;
  const checked = known.constraints.some(({ valid, notNull }) => valid && notNull?.has(column));
  return checked || known.columns.get(column)?.notNull === true;
}

function changeType(
  { command, known, catalog, table }: Given,
  column: ColumnDef,
): { kind: OperationKind; detail: string } {
  const name = command.name ?? "";
  const to = typeOf(column.typeName);
  const from = known?.columns.get(name)?.type;
  const detail = to?.name ?? "";
  const using = column.raw_default;
  if (using !== undefined && !isSameColumn(using, name, to?.name)) return { kind: "change-type", detail };
  if (from === undefined || to === undefined) return { kind: "change-type", detail: "" };
  const domain = catalog.domains.get(to.name);
  const change = domain?.constrained
    ? "rewrite"
    : typeChange(catalog.domains.get(from.name)?.base ?? from, domain?.base ?? to);
  if (change !== "none") return { kind: "change-type", detail };
  const checked = known?.constraints.some(
    (constraint) => constraint.kind === "check" && constraint.columns.has(name),
  );
  const rebuilt = [...catalog.indexes.values()].some(
    (index) =>
      index.table.name === table.name &&
      index.columns.has(name) &&
      (!index.plain || column.collClause !== undefined),
  );
  return { kind: checked || rebuilt ? "change-type-checked" : "change-type-in-place", detail };
}

/** Tables at the other end of foreign keys of a column: the key is made anew. */
function keysOn({ command, known, table, catalog }: Given): readonly KnownRelation[] {
  const name = command.name ?? "";
  const primary = known?.constraints.find(({ kind }) => kind === "primary key");
  const from = catalog.referencing(table).filter((other) =>
    other.constraints.some(({ references, referenced }) => {
      const columns = referenced?.size ? referenced : primary?.columns;
      return references !== undefined && same(references, table) && columns?.has(name);
    }),
  );
  const to = (known?.constraints ?? []).flatMap(({ references, columns }) =>
    references && columns.has(name) ? (catalog.find(references) ?? []) : [],
  );
  return [...from, ...to];
}

function dependents({ text, offset }: Piece, relations: readonly KnownRelation[]): readonly Operation[] {
  return relations.map(({ name }) => ({ kind: "lock-dependent", table: name, only: true, text, offset }));
}

/** `USING column` and `USING column::type` say what would happen without them. */
function isSameColumn(using: Node, column: string, type: string | undefined): boolean {
  if ("ColumnRef" in using) return columnsIn({ using }).has(column);
  if (!("TypeCast" in using)) return false;
  const { arg, typeName } = using.TypeCast;
  return arg !== undefined && "ColumnRef" in arg && typeOf(typeName)?.name === type;
}

function addConstraint(given: Given, constraint: Constraint): readonly Operation[] {
  const { table, only, piece, known, catalog } = given;
  const name = constraint.conname || undefined;
  const base = { ...at(piece), table, only, ...(name && { name }) };
  const later = constraint.skip_validation === true;
  switch (constraint.contype) {
    case "CONSTR_CHECK":
      return [
        { ...base, kind: later || constraint.is_enforced === false ? "add-check-not-valid" : "add-check" },
      ];
    case "CONSTR_FOREIGN": {
      const kind =
        later || constraint.is_enforced === false ? "add-foreign-key-not-valid" : "add-foreign-key";
      return [{ ...base, kind, other: tableOf(constraint.pktable) }];
    }
    case "CONSTR_NOTNULL":
      return [{ ...base, kind: later ? "add-not-null-not-valid" : "add-not-null" }];
    case "CONSTR_EXCLUSION":
      return [{ ...base, kind: "add-exclusion" }];
    default:
      break;
  }
  const primary = constraint.contype === "CONSTR_PRIMARY";
  if (constraint.contype !== "CONSTR_UNIQUE" && !primary) return [{ ...base, kind: "alter-constraint" }];
  if (!constraint.indexname) return [{ ...base, kind: primary ? "add-primary-key" : "add-unique" }];
  const columns = [...(catalog.indexes.get(constraint.indexname)?.columns ?? [])];
  const proven = !primary || (columns.length > 0 && columns.every((column) => isNotNull(known, column)));
  return [{ ...base, kind: proven ? "add-constraint-using-index" : "add-primary-key" }];
}

/** Options of views, and of tables that logical decoding reads, are changed under the strongest lock. */
function isStrongOption(def: Node | undefined): boolean {
  return /"(user_catalog_table|security_barrier|security_invoker|check_option)"/.test(
    JSON.stringify(def ?? {}),
  );
}
