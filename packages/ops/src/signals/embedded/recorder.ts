import { renameSync } from "node:fs";
import { Catalog } from "./catalog.ts";
import { packValues } from "./codec/values.ts";
import { type Connection, failureOf, isDamage, openForWriting, rows, type Statement } from "./database.ts";
import { lockForWriting } from "./lock.ts";
import { packScrapes, SCRAPES_PER_BLOCK } from "./pack.ts";
import type { ScrapedSample, TargetIdentity } from "./samples.ts";

/** What became of a scrape. */
export interface Recorded {
  /** False: its time is not after that of the last one, so it was left out. */
  readonly stored: boolean;
  /** Series that were left out, for there are too many. */
  readonly dropped: number;
}

/** The one writer of a file. */
export interface Recorder {
  /** Where a damaged file was moved when this one was begun. */
  readonly setAside?: string;
  /**
   * Stores the samples of one scrape, all or none.
   *
   * @param time milliseconds since the epoch
   */
  record(target: TargetIdentity, time: number, samples: readonly ScrapedSample[]): Recorded;
  /** Gives the file back. Safe more than once. */
  close(): void;
}

export interface RecorderOptions {
  readonly path: string;
  /** Milliseconds. */
  readonly retention: number;
  /** Names a damaged file by when it was found. */
  readonly now: Date;
}

/**
 * Opens a file for recording; a damaged one is moved out of the way, not deleted.
 *
 * @throws {SeakeepError} `SK-SIGNALS-010` for somebody else's file, `-011` when another process records into it, `-013`
 * when it cannot be written.
 */
export function openRecorder({ path, retention, now }: RecorderOptions): Recorder {
  let unlock: (() => void) | undefined;
  let database: Connection | undefined;
  const close = () => {
    // What is closed is one file, to be copied as one; unless somebody reads it just now.
    database?.exec("pragma busy_timeout = 0");
    database?.pragma("wal_checkpoint(TRUNCATE)");
    database?.close();
    database = undefined;
    unlock?.();
    unlock = undefined;
  };
  const attempt = <T>(action: () => T): T => {
    try {
      return action();
    } catch (error) {
      throw failureOf(error, path);
    }
  };
  return attempt(() => {
    try {
      unlock = lockForWriting(path);
      const opened = openOrSetAside(path, now);
      database = opened.database;
      const writer = new Writer(database, retention);
      return {
        ...(opened.setAside === undefined ? {} : { setAside: opened.setAside }),
        record: (...scrape) => attempt(() => writer.record(...scrape)),
        close,
      };
    } catch (error) {
      close();
      throw error;
    }
  });
}

function openOrSetAside(path: string, now: Date): { database: Connection; setAside?: string } {
  try {
    const database = openForWriting(path);
    const [[verdict]] = rows(database, "pragma quick_check(1)") as [[string]];
    if (verdict === "ok") return { database };
    database.close();
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
  const setAside = `${path}.damaged-${now.toISOString().replace(/[:.]/g, "-")}`;
  for (const part of ["", "-wal", "-shm"]) {
    try {
      renameSync(`${path}${part}`, `${setAside}${part}`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  return { database: openForWriting(path), setAside };
}

class Writer {
  readonly #database: Connection;
  readonly #catalog: Catalog;
  readonly #retention: number;
  readonly #insert: Statement;
  /** Of each target the time of its last scrape, and how many are not packed. Nobody else writes. */
  readonly #standing = new Map<number, { last: number; count: number }>();

  constructor(database: Connection, retention: number) {
    this.#database = database;
    this.#catalog = new Catalog(database);
    this.#retention = retention;
    this.#insert = database.prepare("insert into scrape (target, time, layout, samples) values (?, ?, ?, ?)");
  }

  record(identity: TargetIdentity, time: number, samples: readonly ScrapedSample[]): Recorded {
    const store = this.#database.transaction(() => this.#store(identity, time, samples));
    try {
      return store.immediate();
    } catch (error) {
      this.#forget();
      throw error;
    }
  }

  #forget(): void {
    this.#catalog.forget();
    this.#standing.clear();
  }

  #readStanding(target: number): { last: number; count: number } {
    const [[last, count]] = rows(
      this.#database,
      `select max(coalesce((select max(time) from scrape where target = ?1), 0),
                  coalesce((select max(last) from block where target = ?1), 0)),
              (select count(*) from scrape where target = ?1)`,
      target,
    ) as [[number, number]];
    return { last, count };
  }

  #store(identity: TargetIdentity, time: number, samples: readonly ScrapedSample[]): Recorded {
    const target = this.#catalog.target(identity);
    const { last, count } = this.#standing.get(target) ?? this.#readStanding(target);
    if (time <= last) return { stored: false, dropped: 0 };
    const series: number[] = [];
    const values: number[] = [];
    let dropped = 0;
    for (const sample of samples) {
      const id = this.#catalog.series(target, sample, time);
      if (id === undefined) {
        dropped += 1;
        continue;
      }
      series.push(id);
      values.push(sample.value);
    }
    this.#insert.run(target, time, this.#catalog.layout(target, series), packValues(values));
    this.#standing.set(target, { last: time, count: count + 1 });
    if (count + 1 >= SCRAPES_PER_BLOCK) {
      packScrapes(this.#database, target, this.#retention);
      this.#forget();
    }
    return { stored: true, dropped };
  }
}
