/** An object as the store knows it. */
export interface StoredObject {
  readonly key: string;
  readonly bytes: number;
  /** When the store finished writing it, by the store's own clock. */
  readonly modified: Date;
}

/** How an object is to be kept. Stores that know no classes, tags or locks ignore them. */
export interface PutOptions {
  /** `data` takes the configured class (STANDARD_IA by default); `index` is small and read often: STANDARD. */
  readonly kind: "data" | "index";
  /**
   * Fail with `conflict` when the key exists: the test-and-set that locks and manifests stand on. Atomic for what fits into one
   * request (5 MiB on S3); for more only where the store heeds the condition when an upload in parts is completed.
   */
  readonly ifAbsent?: boolean;
  /** Retention facts for lifecycle rules and people; never secrets. At most nine, of letters, digits and `+-=._:/@`. */
  readonly tags?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/**
 * Where backups are kept: a small port, so that a new store is a folder. Every implementation runs
 * `conformance.testkit.ts`. Its duties:
 *
 * - `put` is all or nothing: an object is visible whole and durable, or not at all; a failed or killed put leaves
 *   nothing listed. It succeeds once although an acknowledgement was lost. It never buffers the body. The body must
 *   throw when it did not come to its true end: a body that just ends is stored.
 * - `get` streams, and fails (never ends early) when fewer bytes arrive than the object has.
 * - every call ends: an idle connection and an overall deadline are errors, transient errors are retried per part.
 * - keys are segments of `[a-z0-9][a-z0-9._-]*` without `..`, joined by `/`; anything else is refused; links are never
 *   followed. No key is another one with `/` and more behind it.
 * - every failure of the store is a `StoreError` without credentials; what the body or the signal throws comes as it is.
 */
export interface Store {
  /** Its URL without secrets, such as `s3://acme-backups/prod` or `file:///backups`. */
  readonly url: string;
  /**
   * Fails as `unavailable` when nobody can tell any more whether the store has it: then it is there whole, or not at
   * all.
   */
  put(key: string, body: AsyncIterable<Uint8Array>, options: PutOptions): Promise<StoredObject>;
  /** Fails as `missing` when there is no such key. */
  get(key: string, options?: { readonly signal?: AbortSignal }): AsyncIterable<Uint8Array>;
  head(key: string): Promise<StoredObject | undefined>;
  /** In ascending key order; what is no key of the port is left out. A prefix may end within a segment. */
  list(prefix: string): AsyncIterable<StoredObject>;
  /** Succeeds when there was nothing to delete. */
  delete(key: string): Promise<void>;
  /** The store's clock: retention compares its times with this, not with the machine's. */
  now(): Promise<Date>;
  /** Removes what interrupted puts under a prefix left behind, if older than `before`; answers how many. */
  sweep(prefix: string, before: Date): Promise<number>;
  close(): Promise<void>;
}

/** `conflict`: ifAbsent and it exists. `missing`: no such key. `denied`: credentials or policy. `unavailable`: the rest, retries spent. */
export type StoreFailure = "conflict" | "missing" | "denied" | "unavailable" | "full" | "invalid";
