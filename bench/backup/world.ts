import { generateKeyPairSync } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createBucket } from "@seakeep/test/dist/stack/bucket.js";
import { startCeph } from "@seakeep/test/dist/stack/ceph.js";
import {
  mustRun,
  openScratch,
  type Postgres,
  type Scratch,
  startPostgres,
} from "@seakeep/test/dist/stack/index.js";
import type { Run } from "../report.ts";
import { type Cost, timed } from "./timed.ts";

const require = createRequire(import.meta.url);
const SEAKEEP = join(dirname(require.resolve("seakeep")), "../bin/seakeep.js");
const BUCKET = "bench";

/** What a step of the benchmark cost, and wrote on its standard output. */
export type Outcome = Cost & { readonly stdout: string };

/** A Postgres with one database to back up, an S3 to keep it in, and a key pair. */
export interface World {
  readonly scratch: Scratch;
  readonly postgres: Postgres;
  /** Of the S3, without a scheme's options. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly env: Readonly<Record<string, string>>;
  /** Runs a line of bash that must succeed; `$1` and so on are `args`. */
  step(what: string, line: string, ...args: readonly string[]): Promise<Outcome>;
  /** `seakeep backup create` to the S3, sealed. */
  create(what: string, ...more: readonly string[]): Promise<Outcome>;
  verify(what: string, id: string): Promise<Outcome>;
  /** `seakeep restore`, compared with the manifest. */
  restore(what: string, id: string, into: string): Promise<Outcome>;
}

/** Starts it, fills the database `shop` from a file of SQL beside this one, and takes everything away again. */
export async function inWorld<T>(
  { progress }: Run,
  sql: string,
  variables: readonly string[],
  use: (world: World) => Promise<T>,
): Promise<T> {
  const scratch = await openScratch();
  try {
    progress("backup: starting Postgres and a Ceph object gateway");
    const ceph = await startCeph(scratch);
    await createBucket(ceph, BUCKET);
    const postgres = await startPostgres(scratch);
    const url = await postgres.createDatabase("shop");
    const { publicKey, privateKey } = generateKeyPairSync("x25519", {
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
    });
    const identity = join(scratch.folder, "identity.pem");
    await writeFile(identity, privateKey, { mode: 0o600 });
    const env = {
      ...ceph.env,
      ...{ PGHOST: "127.0.0.1", PGPORT: `${postgres.port}`, PGUSER: "postgres", PGDATABASE: "shop" },
      ...{ PGPASSWORD: new URL(url).password, DATABASE_URL: url },
    };
    progress("backup: filling the database");
    const file = fileURLToPath(new URL(`../../backup/${sql}`, import.meta.url));
    const set = variables.flatMap((variable) => ["-v", variable]);
    const args = ["-X", "-q", "-v", "ON_ERROR_STOP=1", ...set, "-f", file];
    await mustRun(scratch, { command: "psql", args, env });

    const step: World["step"] = (what, line, ...more) => {
      progress(`backup: ${what}`);
      return timed(scratch, line, more, env);
    };
    const seakeep = (what: string, ...verb: readonly string[]) =>
      step(what, '"$@"', process.execPath, SEAKEEP, ...verb, "--store", store, "--json");
    const store = `s3://${BUCKET}/prod?endpoint=${encodeURIComponent(ceph.endpoint)}`;
    const sealed = ["--recipient", publicKey.split("\n")[1]!];
    const opened = ["--identity", identity, "--work-dir", scratch.folder];
    return await use({
      ...{ scratch, postgres, env, step, bucket: BUCKET, endpoint: ceph.endpoint },
      create: (what, ...more) => seakeep(what, "backup", "create", ...sealed, ...more),
      verify: (what, id) => seakeep(what, "backup", "verify", id),
      restore: (what, id, into) => seakeep(what, "restore", id, "--into", into, ...opened),
    });
  } finally {
    await scratch.close();
  }
}
