import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";

export interface StoredFile {
  /** Made here: nothing that a client sends becomes part of a path. */
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** The stream went on past the limit. */
export class TooLargeError extends Error {}

/**
 * Streams `source` into a new file of `folder`, one chunk in memory at a time.
 *
 * The file has its name only once it is whole and on disk; whatever goes wrong before, nothing is left behind.
 */
export async function storeFile(
  source: Readable,
  { folder, extension, maxBytes }: { folder: string; extension: string; maxBytes: number },
): Promise<StoredFile> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const name = `${randomUUID()}.${extension}`;
  const partial = join(folder, `${name}.part`);
  const file = await open(partial, "wx", 0o600);
  try {
    const hash = createHash("sha256");
    let bytes = 0;
    // Past the limit the source is left whole: destroying it would cut the connection that carries the answer.
    for await (const chunk of source.iterator({ destroyOnReturn: false })) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new TooLargeError();
      hash.update(chunk);
      await file.writeFile(chunk);
    }
    await file.sync();
    await file.close();
    await rename(partial, join(folder, name));
    return { name, bytes, sha256: hash.digest("hex") };
  } catch (error) {
    await file.close().catch(() => {});
    await rm(partial, { force: true });
    throw error;
  }
}
