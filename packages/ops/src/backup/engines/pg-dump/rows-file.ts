import { SeakeepError } from "@seakeep/contract";
import { quoteIdentifier } from "../../../postgres/quote.ts";

/** Rows of a table: those of its columns that are not generated. */
export interface RowsOf {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly string[];
}

/** Its name, quoted: SQL and the patterns of pg_dump read it alike. */
export function nameOf({ schema, name }: Pick<RowsOf, "schema" | "name">): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

/** What COPY copies: the table and its columns. */
export function copied(rows: RowsOf): string {
  return `${nameOf(rows)} (${rows.columns.map(quoteIdentifier).join(", ")})`;
}

/**
 * A file of rows is a script of psql: COPY text as Postgres writes it, and around it what it takes to load it by hand. It is
 * one transaction, so that a file that was cut short loads nothing.
 */
const FIRST = "\\set ON_ERROR_STOP on\nBEGIN;\n";
const LAST = "COMMIT;\n";
const END_OF_ROWS = "\\.\n";

/** What comes before the tables. */
export function beginFile(encoding: string): Buffer {
  return Buffer.from(`${FIRST}SET LOCAL client_encoding = '${encoding}';\n`);
}

/** What comes before the rows of a table. */
export function beginTable(rows: RowsOf): Buffer {
  return Buffer.from(`\nCOPY ${copied(rows)} FROM stdin;\n`);
}

export const endTable: Buffer = Buffer.from(END_OF_ROWS);
export const endFile: Buffer = Buffer.from(`\n${LAST}`);

/** The rows of one table, as they stand in a file. */
export interface TableRows extends RowsOf {
  readonly encoding: string;
  /** COPY text in bytes that are lent, to be read to its end before the next table is asked for. */
  readonly rows: AsyncGenerator<Uint8Array, void>;
}

const NAME = String.raw`"(?:[^"\n]|"")+"`;
const ENCODING = /^SET LOCAL client_encoding = '([A-Za-z0-9_]+)';\n$/;
const TABLE = new RegExp(String.raw`^COPY (${NAME})\.(${NAME}) \((${NAME}(?:, ${NAME})*)\) FROM stdin;\n$`);

/**
 * Reads a file of rows as it comes, table by table.
 *
 * @throws {SeakeepError} `SK-DUMP-002` when it is cut short or anything else stands in it.
 */
export async function* readRows(body: AsyncIterable<Uint8Array>): AsyncGenerator<TableRows, void> {
  const input = new Lines(body);
  try {
    for (const line of FIRST.match(/.*\n/g)!) {
      if ((await input.line()) !== line) throw damaged("does not begin as one");
    }
    const encoding = ENCODING.exec(await input.line())?.[1];
    if (encoding === undefined) throw damaged("does not tell its encoding");
    for (;;) {
      if ((await input.line()) !== "\n") throw damaged("has something between its tables");
      const line = await input.line();
      if (line === LAST) break;
      const [, schema, name, columns] = TABLE.exec(line) ?? [];
      if (schema === undefined || name === undefined || columns === undefined) {
        throw damaged("has something between its tables");
      }
      let whole = false;
      const rows = (async function* () {
        yield* input.rows();
        whole = true;
      })();
      const names = columns.match(new RegExp(NAME, "g"))!.map(unquoted);
      yield { schema: unquoted(schema), name: unquoted(name), columns: names, encoding, rows };
      if (!whole) throw new Error("The rows before were not read to their end.");
    }
    if (!(await input.ended())) throw damaged("goes on behind its end");
  } finally {
    await input.close();
  }
}

function unquoted(name: string): string {
  return name.slice(1, -1).replaceAll('""', '"');
}

/** Longest line that is no row: names of the columns of one table. */
const LONGEST_LINE = 1024 * 1024;
const NEWLINE = 10;
const MARK = Buffer.from(`\n${END_OF_ROWS}`);

/** Bytes of a stream by lines, and by all that is before a mark. */
class Lines {
  readonly #source: AsyncIterator<Uint8Array>;
  /** What was read and not used; its start may be bytes that the source has lent. */
  #rest: Buffer = Buffer.alloc(0);
  #scratch = Buffer.alloc(0);

  constructor(body: AsyncIterable<Uint8Array>) {
    this.#source = body[Symbol.asyncIterator]();
  }

  async close(): Promise<void> {
    await this.#source.return?.();
  }

  async ended(): Promise<boolean> {
    return this.#rest.length === 0 && !(await this.#more());
  }

  async line(): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf(NEWLINE);
      if (end !== -1) {
        const line = this.#rest.toString("utf8", 0, end + 1);
        this.#rest = this.#rest.subarray(end + 1);
        return line;
      }
      if (this.#rest.length > LONGEST_LINE) throw damaged("has a line that is too long");
      if (!(await this.#more())) throw damaged("is cut short");
    }
  }

  /** All before a line that is only the end mark, and moves behind that line. */
  async *rows(): AsyncGenerator<Uint8Array, void> {
    // The mark is a line: a table without rows has it at once.
    while (this.#rest.length < MARK.length - 1) if (!(await this.#more())) throw damaged("is cut short");
    if (this.#rest.subarray(0, MARK.length - 1).equals(MARK.subarray(1))) {
      this.#rest = this.#rest.subarray(MARK.length - 1);
      return;
    }
    for (;;) {
      const at = this.#rest.indexOf(MARK);
      // The last bytes may be the start of the mark.
      const sure = at === -1 ? this.#rest.length - MARK.length + 1 : at + 1;
      if (sure > 0) {
        const rows = this.#rest.subarray(0, sure);
        this.#rest = this.#rest.subarray(at === -1 ? sure : at + MARK.length);
        yield rows;
      }
      if (at !== -1) return;
      if (!(await this.#more())) throw damaged("is cut short");
    }
  }

  /** Joins what is left with what comes next. */
  async #more(): Promise<boolean> {
    const left = this.#rest.length;
    // What is left may be lent: the source writes over it.
    if (left > this.#scratch.length) this.#scratch = Buffer.concat([this.#rest, Buffer.alloc(left)]);
    else this.#scratch.set(this.#rest);
    const { done, value } = await this.#source.next();
    if (done) {
      this.#rest = this.#scratch.subarray(0, left);
      return false;
    }
    if (left === 0) {
      this.#rest = Buffer.from(value.buffer, value.byteOffset, value.length);
      return true;
    }
    const whole = left + value.length;
    if (whole > this.#scratch.length) {
      this.#scratch = Buffer.concat([this.#scratch.subarray(0, left), value], whole * 2);
    } else this.#scratch.set(value, left);
    this.#rest = this.#scratch.subarray(0, whole);
    return true;
  }
}

function damaged(what: string): SeakeepError {
  return new SeakeepError("SK-DUMP-002", `A file of rows ${what}.`);
}
