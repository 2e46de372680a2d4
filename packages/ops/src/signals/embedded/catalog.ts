import { packValues, unpackValues } from "./codec/values.ts";
import { type Connection, rows } from "./database.ts";
import { labelsText, type ScrapedSample, type TargetIdentity } from "./samples.ts";

/** Series that one target may leave behind within the retention: a label that never repeats must not fill the disk. */
const MOST_SERIES = 100_000;

/** Numbers of targets, series and layouts, each given once. Belongs to one writer. */
export class Catalog {
  readonly #database: Connection;
  readonly #targets = new Map<string, number>();
  readonly #series = new Map<number, Map<string, number>>();
  readonly #layouts = new Map<number, { id: number; packed: Buffer }>();

  constructor(database: Connection) {
    this.#database = database;
  }

  /** Forgets what it remembers, after a transaction was undone. */
  forget(): void {
    this.#targets.clear();
    this.#series.clear();
    this.#layouts.clear();
  }

  target({ job, instance, labels = {} }: TargetIdentity): number {
    const key = JSON.stringify([job, instance]);
    let id = this.#targets.get(key);
    if (id === undefined) {
      [[id]] = rows(
        this.#database,
        `insert into target (job, instance, labels) values (?, ?, ?)
         on conflict (job, instance) do update set labels = excluded.labels returning id`,
        ...[job, instance, labelsText(labels)],
      ) as [[number]];
      this.#targets.set(key, id);
    }
    return id;
  }

  /** The number of a series; `undefined` for a new one of a target that has too many. */
  series(target: number, { metric, labels }: ScrapedSample, time: number): number | undefined {
    const known = this.#known(target);
    const text = labelsText(labels);
    const key = `${metric}${text}`;
    const found = known.get(key);
    if (found !== undefined || known.size >= MOST_SERIES) return found;
    const [[id]] = rows(
      this.#database,
      "insert into series (target, metric, labels, seen) values (?, ?, ?, ?) returning id",
      ...[target, metric, text, time],
    ) as [[number]];
    known.set(key, id);
    return id;
  }

  #known(target: number): Map<string, number> {
    let known = this.#series.get(target);
    if (known === undefined) {
      const stored = rows(this.#database, "select metric, labels, id from series where target = ?", target);
      known = new Map(stored.map(([metric, labels, id]) => [`${metric}${labels}`, id as number]));
      this.#series.set(target, known);
    }
    return known;
  }

  /** The number of a list of series, which is nearly always that of the scrape before. */
  layout(target: number, series: readonly number[]): number {
    const packed = packValues(series);
    const last = this.#layouts.get(target);
    if (last?.packed.equals(packed)) return last.id;
    const stored = rows(
      this.#database,
      "select id from layout where target = ? and series = ?",
      ...[target, packed],
    );
    const inserted = () =>
      rows(
        this.#database,
        "insert into layout (target, series) values (?, ?) returning id",
        ...[target, packed],
      );
    const [[id]] = (stored.length > 0 ? stored : inserted()) as [[number]];
    this.#layouts.set(target, { id, packed });
    return id;
  }
}

/** The series of each layout of a target, by its number. */
export function layoutsOf(database: Connection, target: number): ReadonlyMap<number, Float64Array> {
  const stored = rows(database, "select id, series from layout where target = ?", target);
  return new Map(stored.map(([id, series]) => [id as number, unpackValues(series as Buffer)]));
}
