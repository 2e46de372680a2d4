import type { Node } from "libpg-query";
import { same, type TableName } from "../sql/names.ts";
import type { ColumnType } from "./types.ts";

export interface KnownColumn {
  readonly type?: ColumnType | undefined;
  readonly notNull: boolean;
  /** Made by the migration that is being read, without a value: null in every row that was there. */
  readonly empty?: boolean;
}

export interface KnownConstraint {
  readonly name?: string | undefined;
  readonly kind: "check" | "foreign key" | "unique" | "primary key" | "exclusion";
  readonly columns: ReadonlySet<string>;
  /** Every row was held against it. */
  readonly valid: boolean;
  /** Of a check `column IS NOT NULL`, alone or among others: those columns. */
  readonly notNull?: ReadonlySet<string>;
  /** Of a check: what it holds rows to; absent once that is not known any more. */
  readonly holds?: Node | undefined;
  /** Of a foreign key. */
  readonly references?: TableName;
  /** The columns that it points at; none: the primary key. */
  readonly referenced?: ReadonlySet<string>;
}

export interface KnownIndex {
  readonly table: TableName;
  readonly columns: ReadonlySet<string>;
  /** Of columns alone, and of every row: Postgres keeps such a one when a type changes in place. */
  readonly plain: boolean;
}

/** What is known of a relation from the statements before. */
export interface KnownRelation {
  name: TableName;
  readonly kind: "table" | "view" | "materialized view" | "foreign table";
  readonly columns: Map<string, KnownColumn>;
  constraints: KnownConstraint[];
  readonly partitioned: boolean;
  /** The one column by which it is. */
  readonly partitionedBy?: string | undefined;
  parent?: TableName | undefined;
  readonly isDefault?: boolean;
  /** Of a view: what it reads from, and the names of columns that stand in it. */
  readonly reads?: { readonly tables: readonly TableName[]; readonly columns: ReadonlySet<string> };
  /** Nobody else has seen it: made by the migration that is being read. */
  fresh: boolean;
}

const PUBLIC = "public";
/** The schema of temporary tables: it is looked into before any other. */
export const TEMPORARY = "pg_temp";

/** A relation of which nothing but its name is known. */
export function blank(
  name: TableName,
  kind: KnownRelation["kind"],
  { partitioned = false, fresh = true }: { partitioned?: boolean; fresh?: boolean } = {},
): KnownRelation {
  return { name, kind, columns: new Map(), constraints: [], partitioned, fresh };
}

/** What statements have made so far: enough to know what the next one means. Changed as they are read. */
export class Catalog {
  relations: KnownRelation[] = [];
  /** Names of indexes, and of what they are on. */
  readonly indexes: Map<string, KnownIndex> = new Map();
  readonly statistics: Map<string, TableName> = new Map();
  /** Domains that hold values to something. */
  readonly domains: Map<string, { readonly base: ColumnType | undefined; constrained: boolean }> = new Map();

  /** Where a name without a schema is looked for first. */
  #schema = PUBLIC;

  find(name: TableName | undefined): KnownRelation | undefined {
    if (name === undefined) return undefined;
    return (
      this.relations.findLast((known) => this.#isSameFor(known.name, name)) ??
      this.relations.findLast((known) => same(known.name, name))
    );
  }

  /** Only what is surely meant: there may be another of that name in another schema. */
  isFresh(name: TableName | undefined): boolean {
    return (
      name !== undefined && this.relations.some((known) => known.fresh && this.#isSameFor(known.name, name))
    );
  }

  #isSameFor(known: TableName, name: TableName): boolean {
    if (known.name !== name.name) return false;
    if (known.schema === TEMPORARY && name.schema === undefined) return true;
    return (known.schema ?? this.#schema) === (name.schema ?? this.#schema);
  }

  /** Names without a schema are looked for elsewhere from now on: what one meant before may be another's. */
  search(schema: string): void {
    if (schema === this.#schema) return;
    for (const known of this.relations) known.name = { schema: this.#schema, ...known.name };
    this.#schema = schema;
  }

  /** What is known of a relation that was there before; if nothing, that it is there. */
  findOrAssume(name: TableName): KnownRelation {
    const known = this.find(name);
    if (known !== undefined) return known;
    const assumed = blank(name, "table", { fresh: false });
    this.relations.push(assumed);
    return assumed;
  }

  /** Partitions and children, however deep; not itself. */
  below(name: TableName): readonly KnownRelation[] {
    const direct = this.relations.filter(({ parent }) => parent !== undefined && same(parent, name));
    return direct.flatMap((child) => [child, ...this.below(child.name)]);
  }

  add(relation: KnownRelation): void {
    this.relations = this.relations.filter(({ name }) => !this.#isSameFor(name, relation.name));
    this.relations.push(relation);
  }

  remove(name: TableName): void {
    const gone = [...this.below(name).map((child) => child.name), name];
    this.relations = this.relations.filter((known) => !gone.some((other) => same(other, known.name)));
    for (const [index, { table }] of this.indexes)
      if (gone.some((other) => same(other, table))) this.indexes.delete(index);
  }

  /** Those whose foreign keys it has: they are locked when those keys go. */
  referencedBy(relation: KnownRelation): readonly TableName[] {
    return relation.constraints.flatMap(({ references }) => references ?? []);
  }

  /** Those whose foreign keys point at it. */
  referencing(name: TableName): readonly KnownRelation[] {
    return this.relations.filter((known) =>
      known.constraints.some(({ references }) => references !== undefined && same(references, name)),
    );
  }

  /** Views that read a table, or one column of it. */
  viewsOn(table: TableName, column?: string): readonly KnownRelation[] {
    return this.relations.filter(
      ({ reads }) =>
        reads?.tables.some((name) => same(name, table)) &&
        (column === undefined || reads.columns.has(column)),
    );
  }

  /** The migration is over: what it made is now everybody's. */
  settle(): void {
    for (const relation of this.relations) {
      relation.fresh = false;
      for (const [name, column] of relation.columns) relation.columns.set(name, { ...column, empty: false });
    }
  }

  /** Its session is over, too. */
  end(): void {
    this.settle();
    this.relations = this.relations.filter(({ name }) => name.schema !== TEMPORARY);
    this.search(PUBLIC);
  }
}
