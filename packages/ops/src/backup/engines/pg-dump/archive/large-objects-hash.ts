import { createHash, type Hash } from "node:crypto";
import type { Contents } from "../../../manifest.ts";
import type { Sink } from "./chunks.ts";

const MODULUS = 1n << 256n;

/**
 * Counts and hashes large objects. The hash is a sum over the objects, because servers and versions of pg_dump differ
 * in the order in which they come.
 */
export class LargeObjectsHash implements Sink {
  #current: Hash = createHash("sha256");
  #sum = 0n;
  #count = 0;
  #bytes = 0;

  begin(oid: number): void {
    const identity = Buffer.alloc(4);
    identity.writeUInt32BE(oid);
    this.#current = createHash("sha256").update(identity);
    this.#count++;
  }

  add(bytes: Uint8Array): void {
    this.#current.update(bytes);
    this.#bytes += bytes.length;
  }

  end(): void {
    this.#sum = (this.#sum + BigInt(`0x${this.#current.digest("hex")}`)) % MODULUS;
  }

  finish(): Contents["largeObjects"] {
    return { count: this.#count, bytes: this.#bytes, sha256: this.#sum.toString(16).padStart(64, "0") };
  }
}
