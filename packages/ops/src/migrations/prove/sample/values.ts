import type { SampleColumn, SampleTable } from "./tables.ts";

/** Number of the row, from 1; and a number that is the same for the same row, column and round, and else is anything. */
const ROW = "i";
const CHANCE = "h";

/**
 * SQL for values of a type, the most usual first. They differ from row to row where the type has room: a unique index
 * then takes them.
 */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  bool: [`${CHANCE} % 2 = 0`],
  int2: [`${ROW} % 32000`, "0", `-(${ROW} % 100)`],
  int4: [ROW, `${ROW} + (${CHANCE} % 1000)::int`, "0", `-${ROW}`],
  int8: [ROW, `${ROW} + ${CHANCE} % 1000`, "0", `${ROW} + 10000000000::int8`],
  float4: [`${ROW} / 4.0`, `${CHANCE} % 1000`, "0"],
  float8: [`${ROW} / 4.0`, `${CHANCE} % 1000`, "0"],
  money: [`${ROW}::numeric`],
  date: [`date '2026-01-01' - ${ROW} - (${CHANCE} % 7)::int`],
  timestamp: [
    `timestamp '2026-01-01 12:00:00.25' - ${ROW} * interval '1 hour' - ${CHANCE} % 60 * interval '1 minute'`,
  ],
  timestamptz: [
    `timestamptz '2026-01-01 12:00:00.25Z' - ${ROW} * interval '1 hour' - ${CHANCE} % 60 * interval '1 minute'`,
  ],
  time: [`time '00:00' + ${ROW} * interval '1 minute'`],
  timetz: [`timetz '00:00Z' + ${ROW} * interval '1 minute'`],
  interval: [`${ROW} * interval '1 minute'`],
  uuid: [`md5('${ROW}' || ${ROW} || ${CHANCE})::uuid`],
  bytea: [`decode(md5(${ROW}::text), 'hex')`, `sha256(${ROW}::text::bytea)`],
  json: [`json_build_object('n', ${ROW})`, "json '[]'"],
  jsonb: [`jsonb_build_object('n', ${ROW})`, "jsonb '[]'"],
  xml: [`('<n>' || ${ROW} || '</n>')::xml`],
  inet: [`inet '10.0.0.0' + ${ROW}`],
  cidr: [`set_masklen(inet '10.0.0.0' + ${ROW} * 256, 24)::cidr`],
  macaddr: [`lpad(to_hex(${ROW}), 12, '0')::macaddr`],
  macaddr8: [`lpad(to_hex(${ROW}), 16, '0')::macaddr8`],
  tsvector: [`to_tsvector('simple', 'word ' || ${ROW})`],
  tsquery: [`to_tsquery('simple', 'w' || ${ROW})`],
  point: [`point(${ROW}, ${CHANCE} % 1000)`],
  box: [`box(point(${ROW}, 0), point(${ROW} + 1, 1))`],
  circle: [`circle(point(${ROW}, 0), 1)`],
  lseg: [`lseg(point(${ROW}, 0), point(${ROW}, 1))`],
  line: [`line(point(${ROW}, 0), point(${ROW}, 1))`],
  path: [`path(polygon(box(point(${ROW}, 0), point(${ROW} + 1, 1))))`],
  polygon: [`polygon(box(point(${ROW}, 0), point(${ROW} + 1, 1)))`],
  oid: [`${ROW}::oid`],
  name: [`('name_' || ${ROW})::name`],
  char: [`chr(97 + (${CHANCE} % 26)::int)::"char"`],
  int4range: [`int4range(${ROW} * 10, ${ROW} * 10 + 5)`],
  int8range: [`int8range(${ROW} * 10, ${ROW} * 10 + 5)`],
  numrange: [`numrange(${ROW} * 10, ${ROW} * 10 + 5)`],
  daterange: [`daterange(date '2020-01-01' + ${ROW} * 2, date '2020-01-01' + ${ROW} * 2 + 1)`],
  tsrange: [
    `tsrange(timestamp '2020-01-01' + ${ROW} * interval '2 h', timestamp '2020-01-01 01:00' + ${ROW} * interval '2 h')`,
  ],
  tstzrange: [
    `tstzrange(timestamptz '2020-01-01Z' + ${ROW} * interval '2 h', timestamptz '2020-01-01 01:00Z' + ${ROW} * interval '2 h')`,
  ],
};

/** Shapes that checks ask texts for, most often. Mixed case and a letter beyond ASCII, so that a change of either shows. */
const TEXTS: readonly string[] = [
  `'Sample ' || ${ROW} || ' é'`,
  `'user' || ${ROW} || '@example.org'`,
  `'sample-' || ${ROW}`,
  `'https://example.org/' || ${ROW}`,
  `lpad(${ROW}::text, 10, '0')`,
  `chr(65 + (${ROW} / 26 % 26)::int) || chr(65 + (${ROW} % 26)::int)`,
  `chr(97 + (${ROW} / 26 % 26)::int) || chr(97 + (${ROW} % 26)::int)`,
];
const TEXT_TYPES: ReadonlySet<string> = new Set(["text", "varchar", "bpchar", "citext"]);

/**
 * SQL that makes a value of a column from the row's number `i` and a chance `h`; `undefined`: nobody here knows how. What
 * the table's checks name literally is among the values, because it is most often what they want.
 */
export function makeValue(column: SampleColumn, table: SampleTable): string | undefined {
  const choices = [...literals(column, table), ...usual(column)];
  if (choices.length === 0) return undefined;
  const cases = choices.map((choice, index) => `when ${index} then (${choice})::${column.baseType}`);
  const chosen =
    choices.length === 1
      ? `(${choices[0]})::${column.baseType}`
      : `case (${CHANCE} / 7 % ${choices.length})::int ${cases.join(" ")} end`;
  // One row in nine has no value, where none is needed.
  return column.required ? chosen : `case when ${CHANCE} % 9 = 8 then null else ${chosen} end`;
}

function usual(column: SampleColumn): readonly string[] {
  const { base, baseType, array, sort, length, digits } = column;
  if (array) {
    const element = baseType.replace(/\[\]$/, "");
    const inner = { ...column, base: base.replace(/^_/, ""), baseType: element, array: false };
    const [value] = usual(inner);
    return value === undefined ? [`'{}'::${baseType}`] : [`array[(${value})::${element}]`];
  }
  if (sort === "e") {
    const all = `enum_range(null::${baseType})`;
    return [`(${all})[1 + (${CHANCE} / 3 % array_length(${all}, 1))::int]`];
  }
  if (TEXT_TYPES.has(base)) {
    if (length === null) return TEXTS;
    return [...TEXTS.map((text) => `left(${text}, ${length})`), `left(md5(${ROW}::text), ${length})`];
  }
  if (base === "numeric") return [numeric(digits), "0", `-(${numeric(digits)})`];
  if (base === "bit" || base === "varbit") {
    const bits = length ?? 8;
    return [
      `right(lpad(${ROW}::int8::bit(64)::text, ${Math.max(64, bits)}, '0'), ${bits})::${base}(${bits})`,
    ];
  }
  return VALUES[base] ?? [];
}

function numeric(digits: SampleColumn["digits"]): string {
  if (digits === null) return `${ROW} + 0.25`;
  const [precision, scale] = digits;
  const whole = `(${ROW} % ${10 ** Math.min(precision - scale, 9)})`;
  return scale > 0 ? `${whole} + 0.1` : whole;
}

const NUMBERS: ReadonlySet<string> = new Set(["int2", "int4", "int8", "float4", "float8", "numeric"]);
const MOMENTS: ReadonlySet<string> = new Set(["date", "timestamp", "timestamptz"]);

/** What the checks on a column write out, as far as it is of the column's kind. */
function literals({ name, base, array }: SampleColumn, { conditions }: SampleTable): readonly string[] {
  if (array) return [];
  const texts = conditions.filter(({ columns }) => columns.includes(name)).map(({ sql }) => sql);
  const strings = texts.flatMap((sql) => [...sql.matchAll(/'(?:[^']|'')*'/g)].map(([literal]) => literal));
  if (TEXT_TYPES.has(base)) return [...new Set(strings)];
  if (MOMENTS.has(base)) return [...new Set(strings.filter((literal) => /^'\d{4}-\d\d-\d\d/.test(literal)))];
  if (!NUMBERS.has(base)) return [];
  const bare = texts.map((sql) => sql.replaceAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g, " "));
  const numbers = bare.flatMap((sql) =>
    [...sql.matchAll(/(?<![\w.$])\d+(\.\d+)?(?!\w)/g)].map(([number]) => number),
  );
  return [...new Set(numbers)].flatMap((number) => [number, `${number} + 1`, `${number} - 1`]);
}
