import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { openScratch, type Scratch, startPostgres } from "../stack/index.ts";
import type { Postgres } from "../stack/postgres.ts";
import { contentOf } from "./content.ts";
import { commandLine, descendants } from "./processes.ts";
import { type S3Server, startS3 } from "./s3-server.ts";

/** Name of the database that is backed up, with what names may have. */
export const SOURCE = 'Läden "Nord"';
/** Whose backups they are. */
export const SERVICE = "shop";

/** What all trials share: servers, the database that is backed up, and what must never be seen. */
export interface World {
  readonly scratch: Scratch;
  readonly postgres: Postgres;
  readonly s3: S3Server;
  /** URL of the source database, password included. */
  readonly url: string;
  /** On the source, as the superuser. */
  readonly source: pg.Client;
  /** Public key to seal to. */
  readonly recipient: string;
  /** Path of the private key. */
  readonly identity: string;
  /** Texts that must appear in no output, argument or file, and what each of them is. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Secrets seen in command lines since the last question. */
  exposed(): string[];
  /** Typical milliseconds of a create in a process of its own, to choose moments by. */
  duration: number;
  /** A database that takes several parts of an upload, made when first asked for, and its content. */
  large(): Promise<{ readonly url: string; readonly content: string }>;
  /** Content of the source. */
  content: string;
  /** Changes the source, so that the next backup is unlike all before, and answers its content. */
  nextVersion(): Promise<string>;
  close(): Promise<void>;
}

/** Starts them. */
export async function openWorld(): Promise<World> {
  const scratch = await openScratch();
  try {
    const postgres = await startPostgres(scratch);
    const s3 = await startS3();
    const url = await postgres.createDatabase(SOURCE);
    const source = new pg.Client({ connectionString: url });
    source.on("error", () => {});
    await source.connect();
    await source.query(await readFile(new URL("./source.sql", moduleUrl()), "utf8"));
    const keys = generateKeyPairSync("x25519");
    const pem = String(keys.privateKey.export({ type: "pkcs8", format: "pem" }));
    const keyFolder = join(scratch.folder, "keys");
    await mkdir(keyFolder, { mode: 0o700 });
    const identity = join(keyFolder, "identity.pem");
    await writeFile(identity, pem, { mode: 0o600 });
    const s3Secret = randomBytes(24).toString("hex");
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: "AKIAFAULTSFAULTSFAUL",
      AWS_SECRET_ACCESS_KEY: s3Secret,
      AWS_REGION: "us-east-1",
      AWS_ENDPOINT_URL_S3: s3.endpoint,
    });
    const secrets = new Map([
      [new URL(postgres.url).password, "the database's password"],
      [s3Secret, "the secret key of S3"],
      [pem.split("\n")[1]!, "the private key"],
    ]);
    const watch = watchArguments(secrets);
    let version = 0;
    let large: Promise<{ url: string; content: string }> | undefined;
    const world: World = {
      content: await contentOf(source),
      duration: 1000,
      large: () => (large ??= makeLarge(postgres)),
      ...{ scratch, postgres, s3, url, source, identity, secrets },
      recipient: keys.publicKey.export({ type: "spki", format: "der" }).toString("base64"),
      exposed: watch.exposed,
      async nextVersion() {
        await source.query("insert into versions values ($1)", [++version]);
        await source.query("select nextval('lonely')");
        world.content = await contentOf(source);
        return world.content;
      },
      async close() {
        watch.stop();
        await source.end().catch(() => {});
        await s3.close();
        await scratch.close();
      },
    };
    return world;
  } catch (error) {
    await scratch.close();
    throw error;
  }
}

async function makeLarge(postgres: Postgres): Promise<{ url: string; content: string }> {
  const url = await postgres.createDatabase("large");
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`create table noise as select g as id, decode(string_agg(md5(g || '-' || h), ''), 'hex') as bytes
      from generate_series(1, 600) g, generate_series(1, 2000) h group by g`);
    return { url, content: await contentOf(client) };
  } finally {
    await client.end();
  }
}

/** The sources stay where they are when this file is built. */
function moduleUrl(): string {
  return import.meta.url.replace("/test/dist/faults/", "/test/faults/");
}

function watchArguments(secrets: ReadonlyMap<string, string>) {
  let found = new Set<string>();
  const look = () => {
    for (const { pid, name } of descendants(process.pid)) {
      const line = commandLine(pid);
      for (const [secret, what] of secrets)
        if (line.includes(secret)) found.add(`${what} in the arguments of ${name}`);
    }
  };
  const timer = setInterval(look, 60);
  return {
    stop: () => clearInterval(timer),
    exposed() {
      const seen = [...found];
      found = new Set();
      return seen;
    },
  };
}
