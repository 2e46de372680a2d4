import { atOnce } from "../system/at-once.ts";
import { readDocument } from "./document.ts";
import { type Finding, parseFinding } from "./finding.ts";
import { byAge, type ParsedId } from "./id.ts";
import { layout, MANIFEST, parseKey } from "./layout.ts";
import { type Manifest, objectsOf, parseManifest } from "./manifest.ts";
import { type Proof, parseProof } from "./proof.ts";
import { failedAs } from "./stores/error.ts";
import type { Store, StoredObject } from "./stores/store.ts";

/**
 * What is known of a backup without reading its data: `complete`, all of it is there; `proven`, it was also restored
 * and what came out was what went in; `damaged`, something is missing, short or unreadable, or was found to be other
 * bytes than were stored when it was last read.
 */
export type BackupState = "complete" | "proven" | "damaged";

/** A backup as the store alone tells of it. */
export interface BackupEntry extends ParsedId {
  readonly state: BackupState;
  /** Folder of its service in the store. */
  readonly folder: string;
  /** When its manifest was written, by the store's clock. */
  readonly stored: Date;
  /** Bytes of all its objects in the store. */
  readonly bytes: number;
  /** Absent when it is unreadable. */
  readonly manifest?: Manifest;
  /** The newest restore that was validated. */
  readonly proof?: Proof;
  /** What the last reading found, unless it was restored since. */
  readonly finding?: Finding;
  /** What it lacks by the listing and its manifest, in words: reading it is pointless. */
  readonly lacking: readonly string[];
  /** All that is damaged, in words: what it lacks, and what was found. */
  readonly problems: readonly string[];
  /** Keys of everything it consists of, in the order of deletion: proofs, manifest, data. */
  readonly keys: readonly string[];
}

/** Objects of a backup that was never finished. It is none, and is not listed. */
export interface Leftover extends ParsedId {
  readonly folder: string;
  readonly objects: readonly StoredObject[];
}

export interface Catalog {
  /** Oldest first, by sequence. */
  readonly backups: readonly BackupEntry[];
  readonly leftovers: readonly Leftover[];
}

/** Longest manifest that is read: that of a database of some ten terabytes. */
const MOST_BYTES = 64 * 1024 * 1024;

/** Backups whose documents are read at once: a store may take a twentieth of a second for each. */
const READERS = 8;

/**
 * Lists what a store holds, from the store alone.
 *
 * @param folder that of one service; default: of all
 * @throws {StoreError} when it cannot be told.
 */
export async function readCatalog(store: Store, folder?: string, signal?: AbortSignal): Promise<Catalog> {
  const groups = new Map<string, Group>();
  for await (const object of store.list(folder === undefined ? "" : `${folder}/`)) {
    signal?.throwIfAborted();
    const parts = parseKey(object.key);
    if (parts === undefined) continue;
    const at = `${parts.folder}/${parts.backup.id}`;
    const group = groups.get(at) ?? { folder: parts.folder, id: parts.backup, objects: [], proofs: [] };
    groups.set(at, group);
    (parts.kind === "backups" ? group.objects : group.proofs).push(object);
  }
  const backups: BackupEntry[] = [];
  const leftovers: Leftover[] = [];
  await atOnce(groups.values(), READERS, signal, async (group, stopped) => {
    // A proof tells that there was a manifest once: then its absence is damage.
    const finished = group.proofs.length > 0 || group.objects.some(isManifest);
    if (finished) backups.push(await readEntry(store, group, stopped));
    else leftovers.push({ ...group.id, folder: group.folder, objects: group.objects });
  });
  const byFolder = (a: Leftover | BackupEntry, b: Leftover | BackupEntry) =>
    a.folder === b.folder ? byAge(a, b) : a.folder < b.folder ? -1 : 1;
  return { backups: backups.sort(byFolder), leftovers: leftovers.sort(byFolder) };
}

interface Group {
  readonly folder: string;
  readonly id: ParsedId;
  readonly objects: StoredObject[];
  readonly proofs: StoredObject[];
}

function isManifest({ key }: StoredObject): boolean {
  return key.endsWith(`/${MANIFEST}`);
}

async function readEntry(store: Store, group: Group, signal: AbortSignal): Promise<BackupEntry> {
  const { folder, id, objects, proofs } = group;
  const manifestObject = objects.find(isManifest);
  const { manifest, problems: lacking } = await readManifest(store, group, signal);
  const { proof, finding } = manifest ? await readRecords(store, manifest, proofs, signal) : {};
  const problems = [...lacking, ...(finding?.damage ?? [])];
  return {
    ...id,
    folder,
    state: problems.length > 0 ? "damaged" : proof === undefined ? "complete" : "proven",
    stored: (manifestObject ?? proofs[0])!.modified,
    bytes: objects.reduce((sum, { bytes }) => sum + bytes, 0),
    ...(manifest && { manifest }),
    ...(proof && { proof }),
    ...(finding && { finding }),
    lacking,
    problems,
    keys: [...proofs, ...objects.filter(isManifest), ...objects.filter((object) => !isManifest(object))].map(
      ({ key }) => key,
    ),
  };
}

async function readManifest(
  store: Store,
  { folder, id, objects }: Group,
  signal: AbortSignal,
): Promise<{ manifest?: Manifest; problems: string[] }> {
  const object = objects.find(isManifest);
  if (object === undefined) return { problems: ["Its manifest is no longer in the store."] };
  let manifest: Manifest;
  try {
    manifest = parseManifest(await readDocument(store, object.key, MOST_BYTES, signal));
  } catch (error) {
    return { problems: [unreadable(error)] };
  }
  if (manifest.id !== id.id) return { problems: [`Its manifest is that of ${manifest.id}.`] };
  const sizes = new Map(objects.map(({ key, bytes }) => [key, bytes]));
  const problems = manifest.files.flatMap((file) => {
    // Its own objects and no others: a manifest must not lead anywhere else.
    const isOwn = file.key === layout(folder).file(id.id, file.name);
    const found = isOwn ? objectsOf(file).map(({ key }) => sizes.get(key)) : [undefined];
    if (found.includes(undefined)) return [`${file.name}: it is not in the store.`];
    const bytes = found.reduce<number>((sum, size) => sum + size!, 0);
    const whole = objectsOf(file).every((object, index) => object.bytes === found[index]);
    return whole ? [] : [`${file.name}: it has ${bytes} bytes, and ${file.bytes} were stored.`];
  });
  return { manifest, problems };
}

/** Damage in words; anything else is no verdict and is thrown on. */
function unreadable(error: unknown): string {
  if (failedAs(error, "missing")) return "Its manifest is no longer in the store.";
  if (error instanceof RangeError) return "Its manifest is larger than any.";
  const { code, what } = error as { code?: string; what?: string };
  if (code === "SK-MANIFEST-001") return what ?? "Its manifest is damaged.";
  throw error;
}

/** The newest proof that is of this very manifest, and what reading it has found since. */
async function readRecords(
  store: Store,
  manifest: Manifest,
  objects: readonly StoredObject[],
  signal: AbortSignal,
): Promise<{ readonly proof?: Proof; readonly finding?: Finding }> {
  let finding: Finding | undefined;
  for (const { key } of objects.toReversed()) {
    try {
      const text = await readDocument(store, key, MOST_BYTES, signal);
      const isOfThis = (record: Proof | Finding | undefined) =>
        record?.id === manifest.id && record.manifest === manifest.checksum;
      const proof = parseProof(text);
      if (proof !== undefined && isOfThis(proof)) return { proof, ...(finding && { finding }) };
      const read = parseFinding(text);
      if (isOfThis(read)) finding ??= read;
    } catch (error) {
      if (!failedAs(error, "missing") && !(error instanceof RangeError)) throw error;
    }
  }
  return finding === undefined ? {} : { finding };
}
