import type { Contents, TableContents } from "../../../manifest.ts";
import { byName } from "../../../order.ts";
import { readChunks } from "./chunks.ts";
import { type ArchiveEntry, type ArchiveHeader, readEntries, readHeader } from "./contents-table.ts";
import { damaged, Input, type Reading } from "./input.ts";
import { Inventory } from "./inventory.ts";
import { LargeObjectsHash } from "./large-objects-hash.ts";
import { TableHash } from "./table-hash.ts";

const DATA_BLOCK = 1;
const LARGE_OBJECTS_BLOCK = 3;

/** What a whole archive holds. */
export interface ArchiveContents extends Pick<Contents, "tables" | "sequences" | "largeObjects" | "objects"> {
  readonly header: ArchiveHeader;
  /** Names only: an archive does not say which version. */
  readonly extensions: readonly string[];
  readonly owners: readonly string[];
}

/**
 * Reads an archive in pg_dump's custom format as it streams by, in whatever pieces, and holds none of it: rows and
 * hashes of each table come from the very bytes that are stored. It knows when the archive is whole, which neither
 * the end of the stream nor `pg_restore --list` can tell.
 *
 * @example
 * const reader = new ArchiveReader();
 * for await (const bytes of stream) reader.push(bytes);
 * const { tables } = reader.finish();
 */
export class ArchiveReader {
  readonly #input = new Input();
  readonly #reading: Reading<void>;
  readonly #inventory = new Inventory();
  readonly #tables: TableContents[] = [];
  readonly #largeObjects = new LargeObjectsHash();
  #header: ArchiveHeader | undefined;
  #awaited: Map<number, ArchiveEntry> | undefined;

  /** @param onEntry called for each entry of the table of contents, which comes before all data */
  constructor(onEntry?: (entry: ArchiveEntry) => void) {
    this.#reading = this.#read(onEntry);
    this.#reading.next();
  }

  /** Known once the table of contents is. */
  get header(): ArchiveHeader | undefined {
    return this.#header;
  }

  /** The table of contents has been read to its end. */
  get indexed(): boolean {
    return this.#awaited !== undefined;
  }

  /**
   * The bytes are only read, and not after the call.
   *
   * @throws {SeakeepError} `SK-DUMP-002` when this cannot be an archive of pg_dump.
   */
  push(bytes: Uint8Array): void {
    this.#input.next(bytes);
    this.#reading.next();
  }

  /** @throws {SeakeepError} `SK-DUMP-002` when the archive is not whole. */
  finish(): ArchiveContents {
    const missing = this.#awaited?.size;
    if (this.#header === undefined || missing === undefined || !this.#between) {
      throw damaged("it ends in the middle", this.#input.offset);
    }
    if (missing > 0)
      throw damaged(`it ends before the data of ${missing} of its objects`, this.#input.offset);
    return {
      header: this.#header,
      ...this.#inventory.finish(),
      tables: this.#tables.sort(byName),
      largeObjects: this.#largeObjects.finish(),
    };
  }

  /** True where an archive may end: after a block, before another. */
  #between = false;

  *#read(onEntry?: (entry: ArchiveEntry) => void): Reading<void> {
    const input = this.#input;
    const { header, minor } = yield* readHeader(input);
    this.#header = header;
    const awaited = new Map<number, ArchiveEntry>();
    yield* readEntries(input, minor, (entry) => {
      if (entry.hasData) awaited.set(entry.id, { ...entry, definition: "" });
      this.#inventory.add(entry);
      onEntry?.(entry);
    });
    this.#awaited = awaited;
    for (;;) {
      this.#between = true;
      const type = yield* input.byte();
      this.#between = false;
      const id = yield* input.int();
      const entry = awaited.get(id);
      if (entry === undefined) throw damaged(`data of an unknown object ${id}`, input.offset);
      awaited.delete(id);
      if (type === DATA_BLOCK && entry.kind === "TABLE DATA") yield* this.#table(entry);
      else if (type === LARGE_OBJECTS_BLOCK && entry.kind === "BLOBS") yield* this.#objects();
      else throw damaged(`a block of type ${type} for ${entry.kind}`, input.offset);
    }
  }

  *#table({ schema, name }: ArchiveEntry): Reading<void> {
    const hash = new TableHash();
    yield* readChunks(this.#input, hash);
    this.#tables.push({ schema, name, ...hash.finish(this.#input.offset) });
  }

  *#objects(): Reading<void> {
    for (;;) {
      const oid = yield* this.#input.int();
      if (oid === 0) return;
      // pg_dump writes OIDs as signed numbers.
      this.#largeObjects.begin(oid >>> 0);
      yield* readChunks(this.#input, this.#largeObjects);
      this.#largeObjects.end();
    }
  }
}
