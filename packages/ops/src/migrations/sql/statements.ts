import { scan } from "libpg-query";

/**
 * True when a text holds more than one statement, so that Postgres, sent it as one message, runs it in one transaction.
 * A semicolon within a function's body counts; what cannot be read does so too.
 */
export async function hasSeveralStatements(text: string): Promise<boolean> {
  let statements = 0;
  let within = false;
  try {
    for (const { tokenName } of (await scan(text)).tokens) {
      if (tokenName === "ASCII_59") within = false;
      else if (!tokenName.endsWith("COMMENT")) {
        if (!within) statements += 1;
        within = true;
      }
    }
  } catch {
    return true;
  }
  return statements > 1;
}
