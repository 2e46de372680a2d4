import { createHash } from "node:crypto";
import type { Dump, Engine } from "../../src/backup/engines/engine.ts";
import type { Contents } from "../../src/backup/manifest.ts";
import type { Connection } from "../../src/postgres/connection.ts";

export const CONNECTION: Connection = {
  host: "db.example.org",
  port: 5432,
  user: "app",
  database: "shop",
  password: () => "hunter2-secret",
  settings: {},
};

/** Bytes that compress badly, the same each time. */
export function noise(bytes: number, seed = "seed"): Buffer {
  const blocks: Buffer[] = [];
  for (let index = 0; index * 32 < bytes; index++) {
    blocks.push(createHash("sha256").update(`${seed} ${index}`).digest());
  }
  return Buffer.concat(blocks).subarray(0, bytes);
}

export async function* streamOf(bytes: Uint8Array, size = 700): AsyncGenerator<Uint8Array, void> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

export async function collect(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

export const CONTENTS: Contents = {
  tables: [{ schema: "public", name: "orders", rows: 3, bytes: 30, sha256: "a".repeat(64) }],
  sequences: [{ schema: "public", name: "orders_id_seq", value: "3", called: true }],
  largeObjects: { count: 0, bytes: 0, sha256: "0".repeat(64) },
  objects: [{ kind: "TABLE", count: 1 }],
  extensions: [{ name: "plpgsql", version: "1.0" }],
  roles: ["app"],
};

/** What a fake dump is to do. */
export interface FakeDump {
  readonly files?: Readonly<Record<string, Buffer>>;
  /** The server's identifier; default `7`. */
  readonly system?: string;
  /** Thrown after so many bytes of the first file. */
  readonly fails?: { readonly after: number; readonly error: Error };
  /** The dumping process ends badly, though every byte came. */
  readonly endsBadly?: Error;
}

/** An engine without a database. */
export function fakeEngine(dump: FakeDump = {}): Engine & { readonly closed: number } {
  const { files = { "archive.dump": noise(5000), "globals.sql": Buffer.from("create role app;\n") } } = dump;
  const engine = {
    name: "fake",
    closed: 0,
    async dump(): Promise<Dump> {
      return {
        database: {
          name: "shop",
          system: dump.system ?? "7",
          version: 150018,
          encoding: "UTF8",
          collation: "C",
        },
        snapshotAt: new Date("2026-11-23T06:29:59Z"),
        estimatedBytes: 5000,
        files: Object.entries(files).map(([name, bytes], index) => ({
          name,
          body: index === 0 && dump.fails ? failing(bytes, dump.fails) : streamOf(bytes),
        })),
        async contents() {
          if (dump.endsBadly) throw dump.endsBadly;
          return CONTENTS;
        },
        async close() {
          engine.closed++;
        },
      };
    },
    isRead: (name: string) => name.startsWith("rows-"),
    async restore() {
      throw new Error("not in these tests");
    },
    async inspect() {
      return CONTENTS;
    },
  };
  return engine;
}

async function* failing(
  bytes: Buffer,
  { after, error }: NonNullable<FakeDump["fails"]>,
): AsyncGenerator<Uint8Array, void> {
  yield* streamOf(bytes.subarray(0, after));
  throw error;
}
