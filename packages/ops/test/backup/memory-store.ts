import { StoreError } from "../../src/backup/stores/error.ts";
import type { Store, StoredObject } from "../../src/backup/stores/store.ts";

/** A call of a store, as a fault sees it. `put` comes before anything is stored, `stored` when it is, unacknowledged. */
export interface StoreCall {
  readonly op: "put" | "stored" | "get" | "head" | "list" | "delete" | "now" | "sweep";
  readonly key: string;
  /** Counts all calls, from 1. */
  readonly number: number;
}

/** A store in memory, with a clock to turn and faults to throw. */
export interface MemoryStore extends Store {
  readonly objects: Map<string, { bytes: Buffer; modified: Date }>;
  readonly calls: StoreCall[];
  /** The store's clock. */
  time: Date;
  /** Called with each call; what it throws is what the call fails with. */
  fault: (call: StoreCall) => void;
  keys(): string[];
}

/** What a store that cannot be reached throws. */
export function unavailable(): StoreError {
  return new StoreError("unavailable", "The store did not answer.");
}

export function memoryStore(): MemoryStore {
  const objects: MemoryStore["objects"] = new Map();
  const calls: StoreCall[] = [];
  const enter = (op: StoreCall["op"], key: string) => {
    const call = { op, key, number: calls.length + 1 };
    calls.push(call);
    store.fault(call);
  };
  const told = (key: string): StoredObject => {
    const { bytes, modified } = objects.get(key)!;
    return { key, bytes: bytes.length, modified };
  };
  const store: MemoryStore = {
    url: "memory://",
    ...{ objects, calls },
    time: new Date("2026-11-23T06:30:00Z"),
    fault: () => {},
    keys: () => [...objects.keys()].sort(),
    async put(key, body, { ifAbsent, signal }) {
      enter("put", key);
      const chunks: Uint8Array[] = [];
      for await (const chunk of body) {
        signal?.throwIfAborted();
        chunks.push(Buffer.from(chunk));
      }
      if (ifAbsent && objects.has(key)) throw new StoreError("conflict", `${key} exists.`);
      objects.set(key, { bytes: Buffer.concat(chunks), modified: store.time });
      enter("stored", key);
      return told(key);
    },
    async *get(key) {
      enter("get", key);
      const object = objects.get(key);
      if (object === undefined) throw new StoreError("missing", `${key} is not there.`);
      // In pieces, for readers must not care where chunks end.
      for (let from = 0; from < object.bytes.length; from += 1000)
        yield object.bytes.subarray(from, from + 1000);
    },
    async head(key) {
      enter("head", key);
      return objects.has(key) ? told(key) : undefined;
    },
    async *list(prefix) {
      enter("list", prefix);
      for (const key of store.keys()) if (key.startsWith(prefix)) yield told(key);
    },
    async delete(key) {
      enter("delete", key);
      objects.delete(key);
    },
    async now() {
      enter("now", "");
      return store.time;
    },
    async sweep(prefix) {
      enter("sweep", prefix);
      return 0;
    },
    async close() {},
  };
  return store;
}
