import Type from "typebox";

/** A text of at most `maxLength` characters and without NUL, which Postgres cannot store. */
export function Line(maxLength: number, minLength = 1) {
  return Type.String({ minLength, maxLength, pattern: "^[^\\u0000]*$" });
}
