import { generateKeyPairSync } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openStore } from "../../packages/ops/src/backup/stores/open.ts";
import { contentOf } from "../faults/content.ts";
import { createBucket } from "../stack/bucket.ts";
import { type Ceph, startCeph } from "../stack/ceph.ts";
import { openScratch, type Scratch, startPostgres, until } from "../stack/index.ts";
import type { Postgres } from "../stack/postgres.ts";
import { seakeep, startSeakeep } from "./backup/command.ts";

/** Of awkward.sql and of the table beside it. */
const ROWS = 2_129 + 230_000;

let scratch: Scratch;
let postgres: Postgres;
let ceph: Ceph;
let url: string;
let store: string;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  scratch = await openScratch();
  ceph = await startCeph(scratch);
  postgres = await startPostgres(scratch);
  url = await postgres.createDatabase("shop");
  await query('create role "Bücher ""r"""');
  await query(await readFile(new URL("./backup/awkward.sql", import.meta.url), "utf8"));
  // Some 60 MB that compress badly: more than one part.
  await query(
    `create table items as select g as id, ${Array.from({ length: 8 }, (_, n) => `md5((g * 8 + ${n})::text)`).join(" || ")} as t
     from generate_series(1, 230000) g`,
  );
  await createBucket(ceph, "acme-backups");
  store = `s3://acme-backups/prod?endpoint=${encodeURIComponent(ceph.endpoint)}`;
  env = { ...ceph.env, DATABASE_URL: url };
}, 600_000);

afterAll(() => scratch?.close());

async function connected<T>(use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

const query = (text: string): Promise<object[]> =>
  connected(async (client) => (await client.query(text)).rows as object[]);

async function json<T>(...args: readonly string[]): Promise<[code: number | undefined, document: T]> {
  const { code, stdout, stderr } = await seakeep(scratch, [...args, "--store", store, "--json"], env);
  expect(stdout + stderr).not.toContain(ceph.env.AWS_SECRET_ACCESS_KEY);
  return [code, JSON.parse(stdout) as T];
}

interface Listed {
  readonly id: string;
  readonly state: string;
}

test("S3: everything that backups get wrong: create, list, verify, restore, swap, undo, damage, prune", async () => {
  const { privateKey, publicKey } = generateKeyPairSync("x25519", {
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const identity = join(scratch.folder, "identity.pem");
  await writeFile(identity, privateKey, { mode: 0o600 });
  const [code, { id, bytes }] = await json<{ id: string; bytes: number }>(
    ...["backup", "create", "--recipient", publicKey.split("\n")[1]!],
  );
  expect([code, bytes > 16 * 1024 * 1024]).toEqual([0, true]);
  const content = await connected(contentOf);
  expect(await json("backup", "verify", id)).toEqual([0, { id, ok: true, problems: [] }]);

  // As root the scratch server runs as nobody, who must be able to enter the folder.
  const where = ["--identity", identity, "--work-dir", scratch.folder];
  expect(await json("backup", "verify", id, "--deep", ...where)).toMatchObject([
    0,
    { ok: true, proven: true },
  ]);
  expect(await json("drill", ...where)).toMatchObject([0, { id, passed: true, rows: ROWS, report: 1 }]);
  // Nobody without the key learns more than that.
  expect(await json("drill")).toMatchObject([2, { error: { code: "SK-BACKUP-012" } }]);

  const restore = ["restore", id, "--identity", identity];
  const [asked, { error }] = await json<{ error: { fix: string } }>(...restore, "--swap");
  expect(asked).toBe(2);
  const confirm = /--confirm='([^']+)'/.exec(error.fix)![1]!;
  await query("delete from items where id <= 1000");
  const count = async () => (await query("select count(*)::int as n from items"))[0];
  expect(await json(...restore, "--swap", `--confirm=${confirm}`)).toMatchObject([
    0,
    { swapped: true, validated: true },
  ]);
  expect(await connected(contentOf)).toBe(content);
  expect(await json<Listed[]>("backup", "list")).toMatchObject([0, [{ id, state: "proven" }]]);
  expect(await json("restore", id, "--undo", `--confirm=${confirm}`)).toMatchObject([0, { undone: true }]);
  expect(await count()).toEqual({ n: 229_000 });

  const [, second] = await json<{ id: string }>("backup", "create");
  const [, third] = await json<{ id: string }>("backup", "create");
  const [pruned, { deleted }] = await json<{ deleted: string[] }>("backup", "prune", "--keep-last", "1");
  expect([pruned, deleted]).toEqual([0, [second.id]]);
  await damage(`shop/backups/${third.id}/rows-01.sql`);
  const [verdict, verified] = await json<{ ok: boolean; problems: string[] }[]>("backup", "verify", "--all");
  expect([verdict, verified.map(({ ok }) => ok)]).toEqual([1, [true, false]]);
  expect(verified[1]!.problems).toEqual([
    expect.stringMatching(/^rows-01.sql: bytes 16777216 to \d+ are not/),
  ]);
}, 600_000);

test("S3: a create that is killed leaves nothing listed, and the next one does not wait", async () => {
  const [, before] = await json<Listed[]>("backup", "list");
  const { child, ended } = startSeakeep(scratch, ["backup", "create", "--store", store], env);
  const dumping = "select 1 from pg_stat_activity where query ilike 'copy%items%' and state = 'active'";
  await until("the dump is under way", async () => (await query(dumping)).length > 0, { within: 30_000 });
  child.kill("SIGKILL");
  await ended;
  expect(await json<Listed[]>("backup", "list")).toEqual([0, before]);
  await until("its sessions are gone", async () => (await query(dumping)).length === 0, { within: 30_000 });
  expect((await json("backup", "create"))[0]).toBe(0);
  expect((await json<Listed[]>("backup", "list"))[1]).toHaveLength(before.length + 1);
}, 300_000);

test("S3: a gateway that is gone is no verdict", async () => {
  const gone = "s3://acme-backups/prod?endpoint=http%3A%2F%2F127.0.0.1%3A1";
  const { code, stdout } = await seakeep(
    scratch,
    ["backup", "verify", "--all", "--store", gone, "--json"],
    env,
  );
  expect([code, JSON.parse(stdout)]).toMatchObject([3, { error: { code: "SK-STORE-004" } }]);
}, 300_000);

/** Flips one bit of the second part, as nothing but the store could. */
async function damage(key: string): Promise<void> {
  Object.assign(process.env, ceph.env);
  const opened = await openStore(store);
  const chunks: Uint8Array[] = [];
  for await (const chunk of opened.get(key)) chunks.push(Buffer.from(chunk));
  const bytes = Buffer.concat(chunks);
  bytes[20_000_000]! ^= 1;
  const body = (async function* () {
    yield bytes;
  })();
  await opened.put(key, body, { kind: "data" });
  await opened.close();
}
