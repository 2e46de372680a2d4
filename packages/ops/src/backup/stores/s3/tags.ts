import { StoreError } from "../error.ts";

/** One tag less than S3's ten: some stores count one of their own. */
const MOST_TAGS = 9;
const KEY = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const VALUE = /^[A-Za-z0-9+=._:/@-]{1,128}$/;

/** @throws {StoreError} for tags that S3 refuses, or that are no HTTP header as metadata. */
export function checkTags(tags: Readonly<Record<string, string>> = {}): void {
  const entries = Object.entries(tags);
  if (entries.length <= MOST_TAGS && entries.every(([key, value]) => KEY.test(key) && VALUE.test(value)))
    return;
  throw new StoreError(
    "invalid",
    `The tags ${JSON.stringify(tags).slice(0, 300)} are not ones that S3 takes.`,
    {
      why: `There may be ${MOST_TAGS}, with keys in lower case, and values of letters, digits and +-=._:/@.`,
    },
  );
}
