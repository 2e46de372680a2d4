import { same, type TableName } from "../sql/names.ts";
import type { ColumnType } from "./types.ts";

export interface KnownColumn {
  readonly type?: ColumnType | undefined;
  readonly notNull: boolean;
}

export interface KnownConstraint {
  readonly name?: string | undefined;
  readonly kind: "check" | "foreign key" | "unique" | "primary key" | "exclusion";
  readonly columns: ReadonlySet<string>;
  /** Every row was held against it. */
  readonly valid: boolean;
  /** Of a check `column IS NOT NULL`, alone or among others: those columns. */
  readonly notNull?: ReadonlySet<string>;
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
  parent?: TableName | undefined;
  readonly isDefault?: boolean;
  /** Of a view: what it reads from, and the names of columns that stand in it. */
  readonly reads?: { readonly tables: readonly TableName[]; readonly columns: ReadonlySet<string> };
  /** Nobody else has seen it: made by the migration that is being read. */
  fresh: boolean;
}

/** What statements have made so far: enough to know what the next one means. Changed as they are read. */
export class Catalog {
  relations: KnownRelation[] = [];
  /** Names of indexes, and of what they are on. */
  readonly indexes: Map<string, KnownIndex> = new Map();
  readonly statistics: Map<string, TableName> = new Map();
  /** Domains that hold values to something. */
  readonly domains: Map<string, { readonly base: ColumnType | undefined; constrained: boolean }> = new Map();

  find(name: TableName | undefined): KnownRelation | undefined {
    return name === undefined ? undefined : this.relations.findLast((known) => same(known.name, name));
  }

  isFresh(name: TableName | undefined): boolean {
    return this.find(name)?.fresh === true;
  }

  /** Partitions and children, however deep; not itself. */
  below(name: TableName): readonly KnownRelation[] {
    const direct = this.relations.filter(({ parent }) => parent !== undefined && same(parent, name));
    return direct.flatMap((child) => [child, ...this.below(child.name)]);
  }

  add(relation: KnownRelation): void {
    this.relations = this.relations.filter(({ name }) => !same(name, relation.name));
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
    for (const relation of this.relations) relation.fresh = false;
  }
}
