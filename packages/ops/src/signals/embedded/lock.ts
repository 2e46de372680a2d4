import { SeakeepError } from "@seakeep/contract";
import Database from "libsql";

/**
 * Takes the right to write, which the operating system takes back however this process ends: an exclusive transaction,
 * never ended, on an empty file beside the one that is written.
 *
 * @returns gives it back
 * @throws {SeakeepError} `SK-SIGNALS-011` when another process has it.
 */
export function lockForWriting(path: string): () => void {
  const lock = new Database(`${path}.lock`, { timeout: 0 });
  try {
    lock.exec("begin exclusive");
  } catch (error) {
    lock.close();
    if ((error as { code?: string }).code !== "SQLITE_BUSY") throw error;
    throw new SeakeepError("SK-SIGNALS-011", `Another process records into ${path}.`, { cause: error });
  }
  return () => lock.close();
}
