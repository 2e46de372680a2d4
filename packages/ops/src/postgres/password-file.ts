import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Connection } from "./connection.ts";

/** A password as libpq's programs take it: not in their arguments, not in their environment. */
export interface PasswordFile {
  /** To be inherited as file descriptor 3; absent where the file has a name. */
  readonly descriptor?: number;
  /** For `PGPASSFILE`; absent when there is no password to hand over. */
  readonly path?: string;
  close(): void;
}

/**
 * Writes a file with mode 0600 for `PGPASSFILE`.
 *
 * On Linux it has lost its name before anybody uses it, and lives only as an open descriptor: a process that is killed
 * leaves no password behind. Elsewhere it is removed on close. https://www.postgresql.org/docs/current/libpq-pgpass.html
 */
export function openPasswordFile(connection: Connection, platform: string = process.platform): PasswordFile {
  const password = connection.password();
  if (password === undefined) return { close() {} };
  const folder = mkdtempSync(join(tmpdir(), "seakeep-pass-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const path = join(folder, "pgpass");
    writeFileSync(path, `*:*:*:*:${password.replace(/[\\:]/g, "\\$&")}\n`, { mode: 0o600, flag: "wx" });
    if (platform !== "linux") return { path, close: remove };
    const descriptor = openSync(path, "r");
    remove();
    let open = true;
    return {
      descriptor,
      path: "/proc/self/fd/3",
      close() {
        if (open) closeSync(descriptor);
        open = false;
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}
