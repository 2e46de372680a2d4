import type { Session } from "../../postgres/session.ts";
import { keyExpression, type TableShape, valueExpression } from "./contents.ts";

/** A table to be read row by row. */
interface Side {
  readonly session: Session;
  readonly shape: TableShape;
}

/** What of the rows of one table another one lacks. More rows, and values where there were none, are no difference. */
export interface RowDifferences {
  readonly missing: number;
  /** Rows that have another value, or none, by the name of the column in the first table. */
  readonly changed: ReadonlyMap<string, number>;
}

/** Rows fetched at once. */
const BATCH = 5_000;

/**
 * Holds the rows of a table against another's, column by column in their order. Without a key, a row that differs in
 * anything is missing.
 */
export async function compareRows(before: Side, after: Side): Promise<RowDifferences> {
  const [old, now] = [readRows(before), readRows(after)];
  const changed = new Map<string, number>();
  let missing = 0;
  try {
    let there = await now.next();
    for await (const row of old) {
      while (!there.done && there.value.key < row.key) there = await now.next();
      if (there.done || there.value.key !== row.key) {
        missing += 1;
        continue;
      }
      const { values } = there.value;
      before.shape.columns.forEach(({ name }, index) => {
        const value = row.values[index]!;
        if (value !== null && value !== values[index]) changed.set(name, (changed.get(name) ?? 0) + 1);
      });
      there = await now.next();
    }
    return { missing, changed };
  } finally {
    await old.return(undefined);
    await now.return(undefined);
  }
}

interface Row {
  /** 128 bits, hex. */
  readonly key: string;
  readonly values: readonly (string | null)[];
}

/** In the order of their keys' hashes, which is the same for both. */
async function* readRows({ session, shape }: Side): AsyncGenerator<Row, undefined> {
  const values =
    shape.key.length === 0 ? [] : shape.columns.map((column) => `md5(${valueExpression(column)})`);
  await session.query("begin");
  try {
    await session.query(
      `declare seakeep_rows no scroll cursor for select md5(${keyExpression(shape)}) collate "C" as key,
         array[${values.join(", ")}]::text[] as values from only ${shape.name} order by 1`,
    );
    for (;;) {
      const rows = await session.query<Row>(`fetch ${BATCH} from seakeep_rows`);
      yield* rows;
      if (rows.length < BATCH) return undefined;
    }
  } finally {
    await session.query("rollback");
  }
}
