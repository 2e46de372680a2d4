import type { Program } from "../../../postgres/program.ts";
import type { Contents } from "../../manifest.ts";
import type { InspectOptions } from "../engine.ts";
import { type ArchiveContents, ArchiveReader } from "./archive/archive-reader.ts";
import { describe, LOCK_TIMEOUT, programsFor } from "./dump.ts";
import { defaultJobs } from "./jobs.ts";
import { output, type Reader } from "./output.ts";
import { openSnapshot } from "./snapshot.ts";
import { mergeContents, splitReaders, warningsOf } from "./split.ts";

/**
 * Reads a database as a dump would, and keeps what it holds instead of its bytes. Several processes read the large
 * tables at once, all in one snapshot.
 */
export async function inspect(options: InspectOptions): Promise<Contents> {
  const { connection, signal, onWarning, jobs = defaultJobs() } = options;
  signal?.throwIfAborted();
  const snapshot = await openSnapshot(connection, LOCK_TIMEOUT);
  const running = new Set<Program>();
  let stopped = false;
  const stop = () => {
    stopped = true;
    for (const program of running) program.stop();
  };
  signal?.addEventListener("abort", stop, { once: true });
  try {
    const programs = await programsFor(snapshot, options.programs);
    const onStart = (program: Program) => {
      running.add(program);
      if (stopped) program.stop();
    };
    const read = async (reader: Reader, index: number): Promise<ArchiveContents> => {
      const archive = new ArchiveReader();
      const warn = warningsOf(index, onWarning);
      const body = output(reader, { programs, connection, onWarning: warn, onStart });
      for await (const bytes of body) archive.push(bytes);
      return archive.finish();
    };
    const split = { lockTimeout: LOCK_TIMEOUT, jobs };
    const reading = (await splitReaders(snapshot, split)).map(read);
    const archives = await Promise.all(reading).catch(async (error: unknown) => {
      // One that fails ends the others.
      stop();
      await Promise.allSettled(reading);
      throw error;
    });
    return describe(mergeContents(archives), snapshot);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", stop);
    await snapshot.close();
  }
}
