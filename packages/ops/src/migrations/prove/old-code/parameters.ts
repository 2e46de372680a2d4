/** A literal of a type that most statements take for a parameter. */
const LITERALS: Readonly<Record<string, string>> = {
  boolean: "true",
  bytea: "'\\x00'",
  date: "'2026-01-01'",
  interval: "'1 hour'",
  json: "'{}'",
  jsonb: "'{}'",
  inet: "'10.0.0.1'",
  name: "'sample'",
  "time without time zone": "'12:00'",
  "timestamp with time zone": "'2026-01-01 12:00Z'",
  "timestamp without time zone": "'2026-01-01 12:00'",
  uuid: "'00000000-0000-4000-8000-000000000001'",
};
const NUMBER = /^(smallint|integer|bigint|numeric|real|double precision|oid)$/;
const TEXT = /^(text|character varying|character|"char"|citext)$/;

/** Lists of arguments to try in turn: one that looks like what people send, then nulls. */
export function argumentsFor(types: readonly string[]): readonly string[] {
  if (types.length === 0) return [""];
  const like = (type: string): string => {
    if (type.endsWith("[]")) return `'{}'::${type}`;
    if (NUMBER.test(type)) return `1::${type}`;
    return `${TEXT.test(type) ? "'sample'" : (LITERALS[type] ?? "null")}::${type}`;
  };
  const list = (make: (type: string) => string) => `(${types.map(make).join(", ")})`;
  return [list(like), list((type) => `null::${type}`)];
}
