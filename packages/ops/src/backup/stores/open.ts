import { Problems, SeakeepError } from "@seakeep/contract";
import type { OpenOptions, StoreDeclaration } from "./declaration.ts";
import { fsFromUrl } from "./fs/index.ts";
import { s3FromUrl } from "./s3/index.ts";
import type { Store } from "./store.ts";

const KINDS: Readonly<Record<string, (url: URL) => StoreDeclaration>> = {
  "file:": fsFromUrl,
  "s3:": s3FromUrl,
};

/**
 * Opens the store that a URL names, such as `file:///backups` or `s3://bucket/prefix?region=eu-central-1`.
 *
 * @throws {SeakeepError} `SK-STORE-001` for a URL that names none; its user, password and query are not repeated.
 */
export async function openStore(written: string, options?: OpenOptions): Promise<Store> {
  const url = URL.canParse(written) ? new URL(written) : undefined;
  const kind = url && KINDS[url.protocol];
  if (!url || !kind) throw new SeakeepError("SK-STORE-001", `${quoted(written, url)} names no store.`);
  const problems = new Problems();
  if (url.username || url.password) {
    const wanted = "a URL without a user and a password";
    const fix = "Leave them out: credentials come from AWS_ACCESS_KEY_ID, a profile or a role.";
    problems.report({ path: "store", got: "credentials in the URL", wanted, fix });
  }
  const settings = kind(url).resolve({
    text: (value) => (typeof value === "string" ? value : undefined),
    problem: (key, ...rest) => problems.add(`store.${key}`, ...rest),
  });
  if (settings !== undefined && problems.list.length === 0) return settings.open(options);
  throw new SeakeepError("SK-STORE-001", `${quoted(written, url)} is not valid:\n${problems}`, {
    problems: problems.list,
  });
}

/** What can be shown of it: somebody may have written a secret into any other place. */
function quoted(written: string, url: URL | undefined): string {
  if (url !== undefined && url.protocol in KINDS) return `${url.protocol}//${url.host}${url.pathname}`;
  return `"${/^[a-z0-9+.-]{1,20}:\/\//i.exec(written)?.[0] ?? ""}..."`;
}
