import { functionsIn, walk } from "../sql/walk.ts";

/**
 * Functions of Postgres that answer the same throughout one statement (pg_proc, provolatile 'i' or 's') and that people
 * put into defaults and selects. Any other is taken as one that does not.
 */
const STEADY = new Set(
  (
    "abs age array_append array_cat array_fill array_length array_position array_prepend array_to_json array_to_string " +
    "btrim ceil ceiling char_length concat concat_ws current_database current_schema current_setting current_user date " +
    "date_part date_trunc decode div encode exp extract floor format greatest initcap int4range int8range numrange " +
    "tsrange tstzrange daterange json_build_array json_build_object json_object jsonb_build_array jsonb_build_object " +
    "jsonb_object jsonb_set jsonb_strip_nulls left length ln log lower lpad ltrim make_date make_interval make_time " +
    "make_timestamp make_timestamptz md5 mod now nullif octet_length overlay position power regexp_match " +
    "regexp_replace regexp_split_to_array repeat replace reverse right round rpad rtrim sha256 sign split_part sqrt " +
    "statement_timestamp string_to_array strpos substr substring timezone to_char to_date to_json to_jsonb to_number " +
    "to_timestamp to_tsvector transaction_timestamp translate trim trunc upper"
  ).split(" "),
);

/** Functions that change nothing but a setting, a sequence or an advisory lock, and those that only count or combine. */
const QUIET = new Set(
  (
    "set_config setval nextval currval lastval pg_advisory_lock pg_advisory_unlock pg_advisory_xact_lock random " +
    "pg_try_advisory_lock gen_random_uuid uuid_generate_v4 clock_timestamp version count sum min max avg array_agg " +
    "string_agg json_agg jsonb_agg bool_and bool_or every row_number rank generate_series unnest to_regclass pg_sleep " +
    "pg_get_serial_sequence exists txid_current obj_description format_type"
  ).split(" "),
);

/** True when an expression may give another value for each row. */
export function isVolatile(expression: unknown): boolean {
  return [...functionsIn(expression)].some((name) => !STEADY.has(name));
}

/** A function that is called and may do anything. */
export function unknownCall(tree: unknown): string | undefined {
  return [...functionsIn(tree)].find((name) => !STEADY.has(name) && !QUIET.has(name));
}

/** True when an expression is a constant that holds for every row: `true`, `1 = 1`. */
export function isAlwaysTrue(expression: unknown): boolean {
  let columns = false;
  let truth = false;
  for (const [kind, node] of walk({ expression })) {
    if (["ColumnRef", "SubLink", "FuncCall", "ParamRef", "CurrentOfExpr"].includes(kind)) columns = true;
    if (kind === "boolval" && node.boolval === true) truth = true;
    if (kind === "A_Expr")
      truth ||= JSON.stringify(constant(node.lexpr)) === JSON.stringify(constant(node.rexpr));
  }
  return !columns && truth;
}

function constant(node: unknown): unknown {
  const { location: _location, ...value } =
    (node as { A_Const?: Record<string, unknown> } | undefined)?.A_Const ?? {};
  return value;
}
