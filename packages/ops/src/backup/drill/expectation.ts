/** Something that must hold of the data of every restored backup, in SQL. */
export interface Expectation {
  readonly kind: "sql";
  /** What is expected, in words; reports name it so. */
  readonly name: string;
  /** One query that answers one boolean. */
  readonly query: string;
}

/**
 * An expectation that `seakeep drill` holds a restored backup to. It runs in a read-only transaction, for a minute at
 * most. It fails when it answers false, null, no row, several rows or anything but one boolean, and when it raises an
 * error.
 *
 * @param name what is expected, in words, such as `"every course has an owner"`
 * @param query a query that answers one boolean
 * @example
 * drill: {
 *   every: "7d",
 *   expect: [sql("every course has an owner", "select count(*) = 0 from courses where owner_id is null")],
 * }
 */
export function sql(name: string, query: string): Expectation {
  return { kind: "sql", name, query };
}
