import type { Remote } from "./remote.ts";

/** The store's clock, to the second: the Date header (RFC 9110, section 6.6.1) of a cheap answer. */
export function clockOf(remote: Remote, signal: AbortSignal): Promise<Date> {
  const { bucket, prefix } = remote.settings;
  const question = { Bucket: bucket, Prefix: prefix, MaxKeys: 1 };
  return remote.ask(
    "Reading the store's clock",
    async (options) => {
      const { $metadata } = await remote.s3.listObjectsV2(question, options);
      const date = new Date(remote.dates.get($metadata) ?? "");
      if (Number.isNaN(date.getTime())) throw new Error("an answer without a Date");
      return date;
    },
    signal,
  );
}
