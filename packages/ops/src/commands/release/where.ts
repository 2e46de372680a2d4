import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { SeakeepError } from "@seakeep/contract";
import type { Command } from "commander";
import { openStore } from "../../backup/stores/open.ts";
import type { Store } from "../../backup/stores/store.ts";
import type { Ops } from "../../config/ops.ts";
import { readSecret } from "../../config/values.ts";
import type { Environment, Output } from "../../print.ts";
import { parseSigner, parseSigningKey, type Signer, type SigningKey } from "../../release/record/keys.ts";
import type { Invocation } from "../../verb.ts";

/** Options of what reads or writes records. */
export interface RecordsVerbOptions {
  readonly dir?: string;
}

/** Adds them. */
export function defineRecords(command: Command): void {
  command.option("--dir <folder>", "where records are (default: release.record, else the store of backups)");
}

/** Where the configuration or the command line keeps records; `undefined`: nowhere. */
export async function openRecords(
  { dir }: RecordsVerbOptions,
  ops: Ops | undefined,
  cwd: string,
  create: boolean,
): Promise<Store | undefined> {
  if (dir !== undefined) return await openStore(pathToFileURL(resolve(cwd, dir)).href, { create });
  return await (ops?.release.record ?? ops?.backup?.store)?.open({ create });
}

/** @throws {SeakeepError} `SK-RELEASE-004` when nothing says where they are. */
export async function needRecords(...where: Parameters<typeof openRecords>): Promise<Store> {
  const store = await openRecords(...where);
  if (store === undefined)
    throw new SeakeepError("SK-RELEASE-004", "There is no place for records of releases.");
  return store;
}

const read = (path: string) => readFile(path, "utf8");

/** The private key that signs records, when there is one. */
export async function readSigningKey(
  environment: Environment,
  { note }: Pick<Output, "note">,
): Promise<SigningKey | undefined> {
  const file = async (path: string) => {
    // Said and not refused: Kubernetes mounts secrets like this unless it is told not to.
    const { mode } = await stat(path);
    if ((mode & 0o007) !== 0) {
      const shown = (mode & 0o777).toString(8);
      note(`warning: SEAKEEP_SIGNING_KEY_FILE is open to every user here (mode ${shown}): chmod 600 it.`);
    }
    return await read(path);
  };
  const text = await readSecret({ kind: "secret", name: "SEAKEEP_SIGNING_KEY" }, environment, file);
  return text === undefined ? undefined : parseSigningKey(text);
}

/** The public keys that count: those of the command line, else the configuration's. */
export async function readSigners(
  files: readonly string[],
  ops: Ops | undefined,
  { cwd }: Pick<Invocation, "cwd">,
): Promise<Signer[]> {
  if (files.length === 0) {
    return (ops?.release.signers ?? []).map((key, index) => parseSigner(key, `release.signers[${index}]`));
  }
  return await Promise.all(
    files.map(async (file) => {
      const text = await read(resolve(cwd, file)).catch((cause: unknown) => {
        throw new SeakeepError("SK-RELEASE-006", `The file ${file} could not be read.`, { cause });
      });
      return parseSigner(text, file);
    }),
  );
}

/** Values that must not get into a record: of every secret that the configuration names, and of the key itself. */
export async function readSecrets(
  ops: Ops | undefined,
  environment: Environment,
): Promise<Map<string, string>> {
  const named = (ops?.names ?? []).flatMap(({ kind, name }) => (kind === "secret" ? name : []));
  const values = new Map<string, string>();
  for (const name of new Set([...named, "SEAKEEP_SIGNING_KEY"])) {
    const value = await readSecret({ kind: "secret", name }, environment, read).catch(() => undefined);
    if (value === undefined) continue;
    values.set(name, value);
    const password = URL.canParse(value) ? decodeURIComponent(new URL(value).password) : "";
    if (password !== "") values.set(`${name} (its password)`, password);
  }
  return values;
}
