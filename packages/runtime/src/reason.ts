/** Credentials in URLs, which drivers like to quote in their errors; a password may hold any of the URL's own signs. */
const CREDENTIALS = /\/\/\S*@/g;

/** Characters. An error that is longer says nothing more. */
const LONGEST = 500;

/** What was thrown, in words fit for a log: without credentials, of bounded length. Never throws. */
export function reasonOf(thrown: unknown): string {
  const text: unknown = thrown instanceof Error ? thrown.message : thrown;
  if (typeof text !== "string" || text === "") return "no reason was given";
  // The word that the cut goes through is left out whole: it may be the first half of a password.
  const short = text.length > LONGEST ? text.slice(0, LONGEST).replace(/\S*$/, "…") : text;
  return short.replace(CREDENTIALS, "//[redacted]@");
}
