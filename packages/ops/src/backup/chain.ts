import { createHash } from "node:crypto";
import { readDocument, writeDocument } from "./document.ts";
import { failedAs } from "./stores/error.ts";
import type { Store } from "./stores/store.ts";

/** What every document of a chain carries. */
export interface Linked {
  /** Rises by one a document, from 1. */
  readonly number: number;
  /** SHA-256 of the document before this one, of its very bytes, hex; null: this is the first. */
  readonly previous: string | null;
}

/** One kind of document that is kept as a chain. */
export interface ChainKind<Document extends Linked> {
  /** Name of its folder below that of the service, such as `drills`. */
  readonly folder: string;
  /** Letter that its names begin with, such as `d` for `d000007`. */
  readonly letter: string;
  /** What one is called, for problems. */
  readonly noun: string;
  /** `undefined` for anything that is none. */
  parse(text: string): Document | undefined;
  /** The bytes that are stored, and that the next document carries the hash of. */
  render(document: Document): string;
}

/** A document as it stands in the store. */
export interface Link<Document extends Linked> {
  readonly number: number;
  /** Name without ending, such as `d000007`. */
  readonly name: string;
  /** SHA-256 of its bytes, hex. */
  readonly hash: string;
  readonly text: string;
  /** Absent: it is none of this kind. */
  readonly document?: Document;
}

/** The documents of a service, each bound to the one before it: what is changed or taken away shows. */
export interface Chain<Document extends Linked> {
  /** Oldest first. */
  readonly links: readonly Link<Document>[];
  /** The newest that can be read. */
  readonly newest?: Document;
  /** Number of the newest that is there, readable or not. */
  readonly last: number;
  /** SHA-256 of the newest. */
  readonly hash: string | null;
  /** Where one is missing, changed or unreadable, in words; empty: the chain is whole. */
  readonly problems: readonly string[];
}

/** Larger than any document. */
const MOST_BYTES = 4 * 1024 * 1024;
/** Documents of one service that are written in the same moment. */
const ATTEMPTS = 5;

/** Reads every document of a service and holds each against the one before it. */
export async function readChain<Document extends Linked>(
  store: Store,
  folder: string,
  kind: ChainKind<Document>,
  signal?: AbortSignal,
): Promise<Chain<Document>> {
  const problems: string[] = [];
  const links: Link<Document>[] = [];
  let hash: string | null = null;
  let last = 0;
  for (const number of await numbersOf(store, folder, kind)) {
    const name = nameOf(kind, number);
    const text = await readDocument(store, keyOf(folder, kind, number), MOST_BYTES, signal);
    if (number !== last + 1) problems.push(missing(kind, last + 1, number - 1));
    const document = kind.parse(text);
    if (document === undefined || document.number !== number) problems.push(`${name} is no ${kind.noun}`);
    else if (number === last + 1 && document.previous !== hash) {
      problems.push(`${name} does not carry the hash of the ${kind.noun} before it: one of them was changed`);
    }
    hash = createHash("sha256").update(text).digest("hex");
    links.push({ number, name, hash, text, ...(document && { document }) });
    last = number;
  }
  const newest = links.findLast(({ document }) => document !== undefined)?.document;
  return { links, ...(newest && { newest }), last, hash, problems };
}

/** The newest document, if it can be read, without looking at the others. */
export async function readNewest<Document extends Linked>(
  store: Store,
  folder: string,
  kind: ChainKind<Document>,
  signal?: AbortSignal,
): Promise<Document | undefined> {
  const number = (await numbersOf(store, folder, kind)).at(-1);
  if (number === undefined) return undefined;
  return kind.parse(await readDocument(store, keyOf(folder, kind, number), MOST_BYTES, signal));
}

/**
 * Stores a document as the next of its chain, as JSON for machines and Markdown for people. Two that are written at once
 * cannot both be the seventh: the later one is made again, as the eighth.
 *
 * @param make the document, once its place is known
 * @param markdown of it, told what is wrong with the chain before it
 * @returns the document as it stands in the store, and the chain before it
 */
export async function append<Document extends Linked>(
  store: Store,
  folder: string,
  kind: ChainKind<Document>,
  make: (link: Linked, before: Chain<Document>) => Document,
  markdown: (document: Document, problems: readonly string[]) => string,
): Promise<{
  readonly link: Link<Document> & { readonly document: Document };
  readonly chain: Chain<Document>;
}> {
  for (let attempt = 1; ; attempt++) {
    const chain = await readChain(store, folder, kind);
    const number = chain.last + 1;
    const document = make({ number, previous: chain.hash }, chain);
    const text = kind.render(document);
    try {
      await writeDocument(store, keyOf(folder, kind, number), text, { ifAbsent: true });
    } catch (error) {
      if (failedAs(error, "conflict") && attempt < ATTEMPTS) continue;
      throw error;
    }
    const key = keyOf(folder, kind, number).replace(/\.json$/, ".md");
    await writeDocument(store, key, markdown(document, chain.problems));
    const hash = createHash("sha256").update(text).digest("hex");
    return { link: { number, name: nameOf(kind, number), hash, text, document }, chain };
  }
}

type Named = Pick<ChainKind<Linked>, "folder" | "letter">;

/** `d000007`: numbered without a time, so that two cannot both be the seventh. */
function nameOf({ letter }: Named, number: number): string {
  return `${letter}${String(number).padStart(6, "0")}`;
}

function keyOf(folder: string, kind: Named, number: number): string {
  return `${folder}/${kind.folder}/${nameOf(kind, number)}.json`;
}

async function numbersOf(store: Store, folder: string, kind: Named): Promise<number[]> {
  const prefix = `${folder}/${kind.folder}/`;
  const shape = new RegExp(`^${kind.letter}(\\d{6,12})\\.json$`);
  const numbers: number[] = [];
  for await (const { key } of store.list(prefix)) {
    const number = shape.exec(key.slice(prefix.length))?.[1];
    if (number !== undefined) numbers.push(Number(number));
  }
  return numbers.sort((a, b) => a - b);
}

function missing(kind: Named, from: number, to: number): string {
  return from === to
    ? `${nameOf(kind, from)} is missing`
    : `${nameOf(kind, from)} to ${nameOf(kind, to)} are missing`;
}
