import { closeSync, mkdtempSync, openSync, rmSync, write } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

/** A new file that only this process and its children can read. */
export interface PrivateFile {
  /** Where children find it, as long as this process lives. */
  readonly path: string;
  write(bytes: Uint8Array): Promise<void>;
  /** Safe more than once. */
  remove(): void;
}

const writeSome = promisify(write);

/**
 * Makes it. On Linux it has lost its name before the first byte is written, and lives only as an open descriptor: a
 * process that is killed leaves nothing behind. Elsewhere `remove` removes it.
 *
 * @param folder where there is room for it
 */
export function openPrivateFile(
  folder: string,
  name: string,
  platform: string = process.platform,
): PrivateFile {
  // Without a pause between them: there is hardly a moment to be killed in.
  const own = mkdtempSync(join(folder, "seakeep-restore-"));
  const removeFolder = () => rmSync(own, { recursive: true, force: true });
  try {
    let descriptor: number | undefined = openSync(join(own, name), "wx", 0o600);
    const nameless = platform === "linux";
    if (nameless) removeFolder();
    return {
      // By this process's own number: pg_restore and its workers open it again.
      path: nameless ? `/proc/${process.pid}/fd/${descriptor}` : join(own, name),
      async write(bytes) {
        for (let from = 0; from < bytes.length; ) {
          from += (await writeSome(descriptor!, bytes, from)).bytesWritten;
        }
      },
      remove() {
        if (descriptor !== undefined) closeSync(descriptor);
        descriptor = undefined;
        removeFolder();
      },
    };
  } catch (error) {
    removeFolder();
    throw error;
  }
}
