import type { StoreDeclaration } from "../declaration.ts";
import { resolveOptions, type S3Options } from "./options.ts";

export type { S3Options } from "./options.ts";

/**
 * A store in S3, or in anything that speaks it. Credentials come from the usual AWS chain: variables, profile, web
 * identity, container and instance roles.
 *
 * @example
 * defineOps({ service, url, backup: { store: s3({ bucket: "acme-backups", storageClass: "STANDARD_IA" }) } });
 * @example
 * s3({ bucket: "backups", endpoint: "https://ACCOUNT.r2.cloudflarestorage.com", region: "auto", tags: false });
 */
export function s3(options: S3Options): StoreDeclaration {
  return {
    kind: "s3",
    resolve(scope) {
      const settings = resolveOptions(options, scope);
      return (
        settings && {
          url: `s3://${settings.bucket}/${settings.prefix}`.replace(/\/$/, ""),
          // Only who uses it pays for loading the SDK.
          open: async () => (await import("./store.ts")).openS3Store(settings),
        }
      );
    },
  };
}

/** `s3://bucket/prefix`, every option of {@link S3Options} as a query parameter, `objectLock=GOVERNANCE:30`. */
export function s3FromUrl(url: URL): StoreDeclaration {
  const { tags, forcePathStyle, objectLock, ...texts } = Object.fromEntries(url.searchParams);
  const [, mode, days] = /^([A-Z]+):(\d+)$/.exec(objectLock ?? "") ?? [];
  return s3({
    ...texts,
    bucket: url.host,
    ...(url.pathname.length > 1 && { prefix: url.pathname.slice(1) }),
    ...(tags !== undefined && { tags: flag(tags) }),
    ...(forcePathStyle !== undefined && { forcePathStyle: flag(forcePathStyle) }),
    ...(objectLock !== undefined && { objectLock: { mode: mode as "GOVERNANCE", days: Number(days) } }),
  });
}

/** What is neither stays as it is, to be complained about. */
function flag(written: string): boolean {
  return written === "true" ? true : written === "false" ? false : (written as never);
}
