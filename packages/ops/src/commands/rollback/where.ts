import { readFile } from "node:fs/promises";
import { NAMES, SeakeepError } from "@seakeep/contract";
import { type LoadedConfig, loadConfig } from "../../config/load.ts";
import type { Ops } from "../../config/ops.ts";
import { readSecret } from "../../config/values.ts";
import { type Connection, parseConnection } from "../../postgres/connection.ts";
import type { CommonVerbOptions, Invocation } from "../../verb.ts";

/** The configuration; a rollback needs one. */
export function configOf(
  options: CommonVerbOptions,
  { cwd, environment }: Invocation,
): Promise<LoadedConfig> {
  return loadConfig({ file: options.config, cwd, environment });
}

/** The service's database; `undefined` when none is configured or its variable is not set. */
export async function connectionOf(ops: Ops, { environment }: Invocation): Promise<Connection | undefined> {
  const secret = ops.database ?? { kind: "secret" as const, name: NAMES.environment.databaseUrl };
  const url = await readSecret(secret, environment, (path) => readFile(path, "utf8"));
  return url === undefined ? undefined : parseConnection(url, environment);
}

/** @throws {SeakeepError} `SK-BACKUP-002` when there is none. */
export async function mustConnect(ops: Ops, invocation: Invocation): Promise<Connection> {
  const connection = await connectionOf(ops, invocation);
  if (connection !== undefined) return connection;
  throw new SeakeepError(
    "SK-BACKUP-002",
    `${ops.database?.name ?? NAMES.environment.databaseUrl} is not set.`,
  );
}

/**
 * The operand that a verb takes.
 *
 * @throws {SeakeepError} `SK-ROLLBACK-002`.
 */
export function operandOf({ operands }: CommonVerbOptions, what: string): string {
  if (operands[0] !== undefined) return operands[0];
  throw new SeakeepError("SK-ROLLBACK-002", `Nothing says which ${what}.`);
}
