/** A version of 17 digits is a date and time in UTC, down to milliseconds. */
const UTC = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{3})$/;

/** The number that a file's name begins with, as node-pg-migrate reads it; `undefined` without one: it refuses such. */
export function prefixOf(name: string): number | undefined {
  const [digits] = /^\d+/.exec(name) ?? [];
  if (digits === undefined) return undefined;
  return UTC.test(digits) ? Date.parse(digits.replace(UTC, "$1-$2-$3T$4:$5:$6.$7Z")) : Number(digits);
}

/** The order of node-pg-migrate 8 and newer: by number, then by name as people sort. */
export function compareFiles(a: string, b: string): number {
  return (
    prefixOf(a)! - prefixOf(b)! ||
    a.localeCompare(b, undefined, {
      usage: "sort",
      numeric: true,
      sensitivity: "variant",
      ignorePunctuation: true,
    })
  );
}
