import { damaged, type Input, type Reading } from "./input.ts";

/** What an archive says of itself before its table of contents. */
export interface ArchiveHeader {
  /** Of the database that was dumped, by name. */
  readonly database: string;
  /** Version text of the server that was dumped. */
  readonly server: string;
  /** Version text of pg_dump. */
  readonly program: string;
}

/** Of an entry that belongs to the one before it (privileges, comments): `none`. */
export type Section = "none" | "pre-data" | "data" | "post-data";

const SECTIONS: readonly (Section | undefined)[] = [undefined, "none", "pre-data", "data", "post-data"];

/** One object of the dump. */
export interface ArchiveEntry {
  readonly id: number;
  /** When it is restored: before all data, as data, or after it. */
  readonly section: Section;
  /** Its data follows in a block of its own. */
  readonly hasData: boolean;
  /** Its rows are the text of COPY; otherwise INSERT statements. */
  readonly copied: boolean;
  /** pg_dump's word for the kind of object: `TABLE`, `TABLE DATA`, `SEQUENCE SET`. */
  readonly kind: string;
  readonly schema: string;
  readonly name: string;
  /** Empty: nobody's. */
  readonly owner: string;
  /** The statement that makes it; empty when there is none. */
  readonly definition: string;
}

const CUSTOM_FORMAT = 1;
const NO_COMPRESSION = 0;
/** A million tables have fewer; a damaged count must end. */
const MOST_ENTRIES = 50_000_000;

/**
 * Reads the header of an archive in pg_dump's custom format, uncompressed, of the format versions 1.14 (pg_dump 14 and
 * 15), 1.15 (16) and 1.16 (17 and 18). Source: pg_backup_archiver.c, ReadHead.
 */
export function* readHeader(input: Input): Reading<{ header: ArchiveHeader; minor: number }> {
  if ((yield* input.bytes(5)).toString("latin1") !== "PGDMP") throw damaged("it does not begin as one", 0);
  const [major, minor] = [yield* input.byte(), yield* input.byte()];
  yield* input.byte();
  if (major !== 1 || minor < 14 || minor > 16) {
    throw damaged(`its format is ${major}.${minor}, and 1.14 to 1.16 can be read`, input.offset);
  }
  input.intSize = yield* input.byte();
  const offsetSize = yield* input.byte();
  if (input.intSize !== 4 || offsetSize !== 8) throw damaged("its numbers have odd sizes", input.offset);
  if ((yield* input.byte()) !== CUSTOM_FORMAT) throw damaged("it is not in the custom format", input.offset);
  const compression = minor < 15 ? yield* input.int() : yield* input.byte();
  if (compression !== NO_COMPRESSION) throw damaged("pg_dump compressed it by itself", input.offset);
  // When it was made, in local time without a zone: second to year, and daylight saving.
  for (let part = 0; part < 7; part++) yield* input.int();
  const [database = "", server = "", program = ""] = [
    yield* input.text(),
    yield* input.text(),
    yield* input.text(),
  ];
  return { header: { database, server, program }, minor };
}

/** Reads the table of contents, entry by entry. Source: pg_backup_archiver.c, ReadToc. */
export function* readEntries(
  input: Input,
  minor: number,
  onEntry: (entry: ArchiveEntry) => void,
): Reading<void> {
  const count = yield* input.int();
  if (count < 0 || count > MOST_ENTRIES) throw damaged(`a table of ${count} entries`, input.offset);
  for (let index = 0; index < count; index++) onEntry(yield* readEntry(input, minor));
}

function* readEntry(input: Input, minor: number): Reading<ArchiveEntry> {
  const id = yield* input.int();
  const hasData = yield* input.int();
  yield* input.text(); // OID of its catalog
  yield* input.text(); // its own OID
  const name = yield* input.text();
  const kind = yield* input.text();
  const section = SECTIONS[yield* input.int()];
  const definition = yield* input.text();
  yield* input.text(); // DROP statement
  const copy = yield* input.text();
  const schema = yield* input.text();
  yield* input.text(); // tablespace
  yield* input.text(); // table access method
  if (minor >= 16) yield* input.int(); // kind of relation
  const owner = yield* input.text();
  yield* input.text(); // WITH OIDS, of old
  while ((yield* input.text()) !== undefined); // what it depends on
  yield* input.bytes(9); // whether and where its data is: unknown in a stream
  if (
    name === undefined ||
    kind === undefined ||
    id <= 0 ||
    (hasData !== 0 && hasData !== 1) ||
    section === undefined
  ) {
    throw damaged("an entry of its table of contents makes no sense", input.offset);
  }
  return {
    id,
    section,
    hasData: hasData === 1,
    copied: copy !== undefined && copy !== "",
    kind,
    schema: schema ?? "",
    name,
    owner: owner ?? "",
    definition: definition ?? "",
  };
}
