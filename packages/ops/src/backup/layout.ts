import { createHash } from "node:crypto";
import { type ParsedId, parseId } from "./id.ts";

/** Name of the object that makes a backup one; written last. */
export const MANIFEST = "manifest.json";

/**
 * The folder of a service in a store. A name that cannot be one as it is (a database may be called anything) is
 * spelled down and told apart from its likes by a hash.
 */
export function serviceFolder(service: string): string {
  if (/^[a-z0-9][a-z0-9_-]{0,62}$/.test(service)) return service;
  const spelled = service
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 48);
  return `${spelled || "service"}-${createHash("sha256").update(service).digest("hex").slice(0, 8)}`;
}

/** Where everything of a service is: the one place that knows the shape of keys. */
export interface Layout {
  /** Prefix of all its backups. */
  readonly backups: string;
  readonly proofs: string;
  readonly lock: string;
  /** Prefix of one backup's objects. */
  backup(id: string): string;
  file(id: string, name: string): string;
  manifest(id: string): string;
  /** @param at the store's time; two proofs of one backup in a second are one */
  proof(id: string, at: Date): string;
}

/** @param folder what `serviceFolder` answered */
export function layout(folder: string): Layout {
  const backups = `${folder}/backups/`;
  const proofs = `${folder}/proofs/`;
  return {
    backups,
    proofs,
    lock: `${folder}/lock.json`,
    backup: (id) => `${backups}${id}/`,
    file: (id, name) => `${backups}${id}/${name}`,
    manifest: (id) => `${backups}${id}/${MANIFEST}`,
    proof: (id, at) =>
      `${proofs}${id}/${at
        .toISOString()
        .replace(/[-:]|\.\d+/g, "")
        .toLowerCase()}.json`,
  };
}

/** What a key stands for. */
export interface KeyParts {
  readonly folder: string;
  readonly kind: "backups" | "proofs";
  readonly backup: ParsedId;
  /** Name of the object below the backup's own prefix. */
  readonly name: string;
}

/** `undefined` for a key that is none of a backup's: the store may hold other things. */
export function parseKey(key: string): KeyParts | undefined {
  const [folder = "", kind, id = "", name = "", ...rest] = key.split("/");
  const backup = parseId(id);
  if (rest.length > 0 || folder === "" || name === "" || backup === undefined) return undefined;
  return kind === "backups" || kind === "proofs" ? { folder, kind, backup, name } : undefined;
}
