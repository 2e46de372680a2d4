import { readFile } from "node:fs/promises";
import type { ConnectionOptions } from "node:tls";
import { SeakeepError } from "@seakeep/contract";
import type { Connection } from "./connection.ts";

/**
 * How to try TLS, in order, as libpq means its `sslmode`:
 * https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION. False: without.
 */
export async function tlsAttempts({
  host,
  settings,
}: Connection): Promise<readonly [ConnectionOptions | false, ...(ConnectionOptions | false)[]]> {
  const mode = settings.PGSSLMODE ?? "prefer";
  if (host.startsWith("/") || mode === "disable") return [false];
  const root = settings.PGSSLROOTCERT;
  const verifies = mode.startsWith("verify") || (mode === "require" && root !== undefined);
  const tls: ConnectionOptions = {
    rejectUnauthorized: verifies,
    ...(root !== undefined && root !== "system" && { ca: await read(root) }),
    ...(settings.PGSSLCERT && { cert: await read(settings.PGSSLCERT) }),
    ...(settings.PGSSLKEY && { key: await read(settings.PGSSLKEY) }),
    ...(settings.PGSSLCRL && { crl: await read(settings.PGSSLCRL) }),
    // verify-ca trusts the issuer whatever the name.
    ...(mode !== "verify-full" && root !== "system" && { checkServerIdentity: () => undefined }),
  };
  if (mode === "prefer") return [tls, false];
  return mode === "allow" ? [false, tls] : [tls];
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new SeakeepError("SK-POSTGRES-001", `A TLS file of the connection could not be read: ${path}.`, {
      cause,
    });
  }
}
