import { readFile } from "node:fs/promises";
import { isAbsolute, resolve } from "node:path";
import { NAMES, SeakeepError } from "@seakeep/contract";
import type { Command } from "commander";
import { type Identity, parseIdentities } from "../../backup/archive/seal/keys.ts";
import { type BackupEntry, type Catalog, readCatalog } from "../../backup/catalog.ts";
import { serviceFolder } from "../../backup/layout.ts";
import { openStore } from "../../backup/stores/open.ts";
import type { Store } from "../../backup/stores/store.ts";
import { loadConfigIfThere } from "../../config/load.ts";
import type { Ops } from "../../config/ops.ts";
import { readSecret } from "../../config/values.ts";
import { type Connection, parseConnection } from "../../postgres/connection.ts";
import type { Environment } from "../../print.ts";
import type { CommonVerbOptions, Invocation } from "../../verb.ts";

/** Options of every verb about backups. */
export interface StoreVerbOptions extends CommonVerbOptions {
  readonly store?: string;
  readonly service?: string;
}

/** Adds them. */
export function defineStore(command: Command): void {
  command
    .option("--store <url>", "file:///path or s3://bucket/prefix (default: the configuration's backup.store)")
    .option(
      "--service <name>",
      "whose backups (default: the configuration's service, else that of the database)",
    );
}

/** The help text of `--database` and `--server`: what they take, and what not. */
export const DATABASE_HELP =
  "name of the variable, or path of the file, that holds its URL; never a password itself (default: DATABASE_URL)";

/** Help text of `--identity`. */
export const IDENTITY_HELP =
  "file of the private key, for encrypted backups (default: SEAKEEP_IDENTITY_FILE or SEAKEEP_IDENTITY)";

/** The configuration, where there is one; none is needed. */
export async function readOps(
  options: CommonVerbOptions,
  { cwd, environment }: Invocation,
): Promise<Ops | undefined> {
  return (await loadConfigIfThere({ file: options.config, cwd, environment }))?.ops;
}

/**
 * Opens the store that the command line names, else the configuration's.
 *
 * @param create make its folder, for verbs that write
 * @throws {SeakeepError} `SK-BACKUP-001` when neither names one; `SK-STORE-*`.
 */
export async function chooseStore(
  { store }: StoreVerbOptions,
  ops: Ops | undefined,
  create = false,
): Promise<Store> {
  if (store !== undefined) return openStore(store, { create });
  if (ops?.backup !== undefined) return ops.backup.store.open({ create });
  throw new SeakeepError(
    "SK-BACKUP-001",
    "Neither --store nor a seakeep.config.ts says where backups are kept.",
  );
}

/** Folder of the service in the store; `undefined`: of all of them. */
export function chooseFolder({ service }: StoreVerbOptions, ops: Ops | undefined): string | undefined {
  const name = service ?? ops?.service.name;
  return name === undefined ? undefined : serviceFolder(name);
}

/**
 * Reads which database is meant. A URL on the command line is taken only without a password: arguments are no secret.
 *
 * @param named what `--database` or `--server` was given
 * @throws {SeakeepError} `SK-BACKUP-002` and `-003`; `SK-POSTGRES-001`.
 */
export async function chooseConnection(
  named: string | undefined,
  ops: Ops | undefined,
  { cwd, environment }: Invocation,
): Promise<Connection> {
  if (named === undefined) {
    const secret = ops?.database ?? { kind: "secret" as const, name: NAMES.environment.databaseUrl };
    const url = await readSecret(secret, environment, (path) => readFile(path, "utf8"));
    if (url === undefined) throw new SeakeepError("SK-BACKUP-002", `${secret.name} is not set.`);
    return parseConnection(url, environment);
  }
  if (/^[a-z]+:\/\//i.test(named)) return withoutPassword(named, environment);
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(named)) {
    const url = await readSecret({ kind: "secret", name: named }, environment, (path) =>
      readFile(path, "utf8"),
    );
    if (url === undefined) throw new SeakeepError("SK-BACKUP-002", `The variable ${named} is not set.`);
    return parseConnection(url, environment);
  }
  const path = isAbsolute(named) ? named : resolve(cwd, named);
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new SeakeepError("SK-BACKUP-002", `The file ${path} could not be read.`, { cause });
  });
  return parseConnection(text, environment);
}

function withoutPassword(url: string, environment: Environment): Connection {
  // Judged without the environment, which may well have a password.
  if (parseConnection(url, {}).password() !== undefined) {
    throw new SeakeepError("SK-BACKUP-003", "The URL on the command line holds a password.");
  }
  return parseConnection(url, environment);
}

/** The private keys at hand; none is no fault until a backup needs one. */
export async function readIdentities(
  file: string | undefined,
  { cwd, environment }: Invocation,
): Promise<readonly Identity[]> {
  const read = (path: string) => readFile(path, "utf8");
  const text =
    file === undefined
      ? await readSecret({ kind: "secret", name: "SEAKEEP_IDENTITY" }, environment, read)
      : await read(resolve(cwd, file)).catch((cause: unknown) => {
          throw new SeakeepError("SK-BACKUP-013", `The file ${file} could not be read.`, { cause });
        });
  return text === undefined ? [] : parseIdentities(text);
}

/**
 * The backup that is meant: by its id, a beginning of it that only one has, or `latest`.
 *
 * @throws {SeakeepError} `SK-BACKUP-006` when there is none, `-007` when there are several.
 */
export async function chooseBackup(
  store: Store,
  folder: string | undefined,
  meant: string,
  signal: AbortSignal,
): Promise<BackupEntry> {
  return pick(await readCatalog(store, folder, signal), meant);
}

function pick({ backups }: Catalog, meant: string): BackupEntry {
  if (meant === "latest") {
    const folders = new Set(backups.map(({ folder }) => folder));
    if (folders.size > 1) {
      const what = `The store has backups of ${[...folders].join(", ")}.`;
      throw new SeakeepError("SK-BACKUP-007", what, { fix: "Say whose latest with --service." });
    }
    const newest = backups.findLast(({ state }) => state !== "damaged");
    if (newest === undefined) throw new SeakeepError("SK-BACKUP-006", "The store has no sound backup.");
    return newest;
  }
  const exact = backups.filter(({ id }) => id === meant);
  const found = exact.length > 0 || meant === "" ? exact : backups.filter(({ id }) => id.startsWith(meant));
  const shown = JSON.stringify(meant.slice(0, 60));
  if (found.length > 1) {
    const what = `${shown} is the beginning of ${found.length} backups.`;
    throw new SeakeepError("SK-BACKUP-007", what, { fix: "Write more of it, or say whose with --service." });
  }
  if (found[0] === undefined) throw new SeakeepError("SK-BACKUP-006", `There is no backup ${shown}.`);
  return found[0];
}
