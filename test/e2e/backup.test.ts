import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { descendants } from "../faults/processes.ts";
import { binary } from "../stack/binaries.ts";
import { type CommandResult, mustRun } from "../stack/commands.ts";
import { openScratch, type Scratch, startPostgres, until } from "../stack/index.ts";
import type { Postgres } from "../stack/postgres.ts";
import { type Running, seakeep, startSeakeep } from "./backup/command.ts";

/** Time for what is to happen at once. */
const SOON = { within: 20_000 };
const NAME = 'Shop "Nord"';
const FOLDER = /^shop-nord-[0-9a-f]{8}$/;
const sql = await readFile(new URL("./backup/shop.sql", import.meta.url), "utf8");

let scratch: Scratch;
let postgres: Postgres;
let url: string;
let store: string;
let work: string;
const outputs: string[] = [];

beforeAll(async () => {
  scratch = await openScratch();
  postgres = await startPostgres(scratch);
  url = await postgres.createDatabase(NAME);
  await query(url, sql);
});

beforeEach(async () => {
  store = join(await mkdtemp(join(scratch.folder, "store-")), "backups");
  work = await mkdtemp(join(scratch.folder, "work-"));
});

afterAll(() => scratch?.close());

async function query<Row extends object>(where: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: where });
  await client.connect();
  try {
    const result = (await client.query(text)) as pg.QueryResult<Row> | pg.QueryResult<Row>[];
    return Array.isArray(result) ? [] : result.rows;
  } finally {
    await client.end();
  }
}

/** Runs a verb against this test's store, without any configuration file. */
async function run(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  withStore = true,
): Promise<CommandResult> {
  const result = await seakeep(scratch, [...args, ...(withStore ? ["--store", `file://${store}`] : [])], {
    DATABASE_URL: url,
    TMPDIR: work,
    ...env,
  });
  outputs.push(result.stdout, result.stderr);
  return result;
}

/** The same with `--json`: what it printed, parsed. */
async function json<T>(
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
): Promise<T & { code: number | undefined }> {
  const { code, stdout, stderr } = await run([...args, "--json"], env);
  try {
    const parsed = JSON.parse(stdout) as T & object;
    // Beside the document, not of it: a list stays a list.
    return Object.defineProperty(parsed, "code", { value: code, enumerable: false }) as T & {
      code: number | undefined;
    };
  } catch {
    throw new Error(`no JSON from ${args.join(" ")} (exit ${code}): ${stdout}${stderr}`);
  }
}

interface Created {
  readonly id: string;
  readonly bytes: number;
  readonly tables: number;
  readonly rows: number;
  readonly seconds: number;
}
interface Listed extends Created {
  readonly state: string;
  readonly problems: readonly string[];
}
interface Restored {
  readonly database?: string;
  readonly validated: boolean;
  readonly tables: number;
  readonly problems: readonly string[];
  readonly kept?: string;
}
interface Failed {
  readonly error: { readonly code: string; readonly message: string; readonly fix: string };
}

const create = () => json<Created>(["backup", "create"]);
const list = () => json<Listed[]>(["backup", "list"]);
const databases = async () =>
  (await query<{ datname: string }>(postgres.url, "select datname from pg_database order by 1")).map(
    ({ datname }) => datname,
  );
const databaseUrl = (name: string) => new URL(`/${encodeURIComponent(name)}`, postgres.url).href;

/** The object of a backup, wherever the store keeps it. */
async function fileOf({ id }: Created, name: string): Promise<string> {
  const [folder] = await readdir(store);
  return join(store, folder!, "backups", id, name);
}

async function flip(path: string, position: number): Promise<void> {
  const bytes = await readFile(path);
  bytes[position]! ^= 1;
  await writeFile(path, bytes);
}

test("create, list, show, verify, restore: a database of awkward things comes back equal, and is proven", async () => {
  const created = await create();
  expect(created).toMatchObject({ code: 0, service: NAME, store: `file://${store}`, encrypted: false });
  expect(created.rows).toBeGreaterThan(3900);
  expect((await readdir(store)).join()).toMatch(FOLDER);
  const listed = await list();
  const { seconds: _, ...same } = created;
  expect(listed).toMatchObject([{ ...same, state: "complete", problems: [] }]);
  const shown = await json<{ manifest: { contents: { largeObjects: object; sequences: object[] } } }>([
    "backup",
    "show",
    created.id,
  ]);
  expect(shown.manifest.contents.largeObjects).toMatchObject({ count: 2, bytes: 80_000 });
  expect(shown.manifest.contents.sequences).toContainEqual({
    schema: "public",
    name: "lonely",
    value: "7",
    called: true,
  });
  expect(await json(["backup", "verify", created.id])).toEqual({ id: created.id, ok: true, problems: [] });

  const restored = await json<Restored>(["restore", created.id, "--into", "back again"]);
  expect(restored).toMatchObject({
    code: 0,
    database: "back again",
    validated: true,
    tables: created.tables,
    problems: [],
  });
  expect(
    await query(databaseUrl("back again"), "select count(*)::int as n, max(shout) as last from customers"),
  ).toEqual(await query(url, "select count(*)::int as n, max(shout) as last from customers"));
  expect((await list())[0]!.state).toBe("proven");
  expect(await readdir(work)).toEqual([]);
  // Once more would mix two restores: refused.
  const again = await json<Failed>(["restore", created.id, "--into", "back again"]);
  expect([again.code, again.error.code]).toEqual([2, "SK-RESTORE-011"]);
});

describe("damage", () => {
  test("a flipped bit: verify and restore find it and say where, and nothing is restored", async () => {
    const created = await create();
    const before = await databases();
    await flip(await fileOf(created, "archive.dump"), 1000);
    const verdict = await json<{ ok: boolean; problems: string[] }>(["backup", "verify", "--all"]);
    expect([verdict.code, verdict]).toMatchObject([
      1,
      [{ ok: false, problems: [expect.stringMatching(/^archive.dump: bytes 0 to \d+ are not/)] }],
    ]);
    const restored = await json<Restored>(["restore", created.id, "--into", "damaged"]);
    expect(restored).toMatchObject({ code: 1, validated: false });
    expect(restored).not.toHaveProperty("database");
    expect(await databases()).toEqual(before);
    expect((await list())[0]!.state).toBe("damaged");
    // The bit is back: until it is read again, nobody knows.
    await flip(await fileOf(created, "archive.dump"), 1000);
    expect((await list())[0]!.state).toBe("damaged");
    expect((await run(["backup", "verify", created.id])).code).toBe(0);
    expect((await list())[0]!.state).toBe("complete");
  });

  test("a short object and a touched manifest are listed as damaged, and latest means another", async () => {
    const [sound, short, touched] = [await create(), await create(), await create()];
    await truncate(await fileOf(short, "archive.dump"), 5000);
    await flip(await fileOf(touched, "manifest.json"), 200);
    const listed = await list();
    expect(listed.map(({ state }) => state)).toEqual(["complete", "damaged", "damaged"]);
    expect((await json<Listed>(["backup", "show", "latest"])).id).toBe(sound.id);
    expect((await run(["backup", "verify", "--all"])).code).toBe(1);
  });

  test("a store that is not there is no verdict", async () => {
    const verdict = await json<Failed>(["backup", "verify", "--all"]);
    expect([2, 3]).toContain(verdict.code);
    expect(verdict.error.code).toMatch(/^SK-STORE-/);
  });
});

describe("encryption", () => {
  test("whoever backs up cannot read; the private key can, and so does the documented script", async () => {
    const identity = join(work, "identity.pem");
    const keys = await run(["backup", "keygen", "--out", identity, "--json"], {}, false);
    const { recipient } = JSON.parse(keys.stdout) as { recipient: string };
    expect(keys.stdout + keys.stderr).not.toContain((await readFile(identity, "utf8")).split("\n")[1]!);
    // OpenSSL makes the same kind of pair, and reads the same public half out of ours.
    const other = join(work, "openssl.pem");
    const openssl = (...args: readonly string[]) =>
      mustRun(scratch, { command: "openssl", args: ["pkey", "-pubout", "-in", ...args], cwd: work });
    await mustRun(scratch, {
      command: "openssl",
      args: ["genpkey", "-algorithm", "X25519", "-out", other],
      cwd: work,
    });
    expect((await openssl(identity)).split("\n")[1]).toBe(recipient);
    const second = (await openssl(other)).split("\n")[1]!;
    const created = await json<Created>([
      ...["backup", "create", "--recipient", recipient, "--recipient", second],
    ]);
    expect(created).toMatchObject({ code: 0, encrypted: true });
    expect((await readFile(await fileOf(created, "archive.dump"))).subarray(0, 8).toString()).toBe(
      "SKSEAL1\n",
    );
    const locked = await json<Failed>(["restore", created.id, "--into", "sealed"]);
    expect([locked.code, locked.error.code]).toEqual([2, "SK-BACKUP-012"]);
    const restored = await json<Restored>([
      "restore",
      created.id,
      "--into",
      "sealed",
      "--identity",
      identity,
    ]);
    expect(restored).toMatchObject({ code: 0, validated: true });

    const deep = await json<{ ok: boolean; proven: boolean }>([
      ...["backup", "verify", created.id, "--deep", "--identity", other],
      // As root it changes to a user who must be able to enter.
      ...["--work-dir", scratch.folder],
    ]);
    expect(deep).toMatchObject({ code: 0, ok: true, proven: true });
    await rm(other);

    const page = await readFile(new URL("../../docs/reference/backup-format.md", import.meta.url), "utf8");
    const script = join(work, "open-backup.mjs");
    await writeFile(script, /```js\n([\s\S]*?)```/.exec(page)![1]!);
    const packed = join(work, "archive.dump.zst");
    const node = { command: process.execPath, cwd: work };
    await mustRun(scratch, {
      ...node,
      args: [script, identity, await fileOf(created, "archive.dump"), packed],
    });
    await mustRun(scratch, {
      command: "zstd",
      args: ["-q", "-d", packed, "-o", join(work, "archive.dump")],
      cwd: work,
    });
    const contents = await mustRun(scratch, {
      command: binary("pg_restore"),
      args: ["-l", join(work, "archive.dump")],
      cwd: work,
    });
    expect(contents).toContain("TABLE DATA public customers");
    // The script, too, finds what was tampered with.
    await flip(await fileOf(created, "archive.dump"), 3000);
    await expect(
      mustRun(scratch, {
        ...node,
        args: [script, identity, await fileOf(created, "archive.dump"), `${packed}.2`],
      }),
    ).rejects.toThrow(/authenticate/);
  });
});

describe("a dump in a file", () => {
  let files: string;
  const pgDump = (name: string, ...args: readonly string[]) =>
    mustRun(scratch, {
      command: binary("pg_dump"),
      args: [...args, "-f", join(files, name), url],
      cwd: work,
    });
  const restoreFile = (name: string, ...args: readonly string[]) =>
    run(["restore", join(files, name), ...args], {}, false);
  const parsed = ({ code, stdout }: CommandResult) => ({ code, ...JSON.parse(stdout) });

  beforeAll(async () => {
    files = await mkdtemp(join(scratch.folder, "files-"));
    work = files;
    await pgDump("gzip.dump", "-Fc");
    await pgDump("plain.dump", "-Fc", "-Z0");
    await pgDump("dump.sql", "-Fp");
    await pgDump("dump.tar", "-Ft");
    await pgDump("folder", "-Fd");
    await pgDump("inserts.dump", "-Fc", "--inserts");
    await pgDump("schema.dump", "-Fc", "--schema-only");
    await pgDump("without.dump", "-Fc", "--exclude-table-data=measured*");
  });

  test.each(["gzip.dump", "plain.dump", "schema.dump", "without.dump"])(
    "%s comes back equal to what it holds, and leaves nothing behind",
    async (name) => {
      const into = `of ${name}`;
      const restored = parsed(await restoreFile(name, "--into", into, "--json"));
      expect(restored).toMatchObject({ code: 0, database: into, validated: true, problems: [] });
      expect(restored.compression).toBe(name === "plain.dump" ? "none" : "gzip");
      const count = "select count(*)::int as n from customers";
      expect(await query(databaseUrl(into), count)).toEqual(
        name === "schema.dump" ? [{ n: 0 }] : await query(url, count),
      );
      expect(await readdir(work)).toEqual([]);
      await query(postgres.url, `drop database "${into}"`);
    },
  );

  test("one that is cut, or changed within compressed rows, is refused before anything is made", async () => {
    const before = await databases();
    const [gzip, plain] = await Promise.all(
      ["gzip.dump", "plain.dump"].map((name) => readFile(join(files, name))),
    );
    const cut = (whole: Buffer, share: number) => whole.subarray(0, Math.floor(whole.length * share));
    const flipped = Buffer.from(gzip!);
    flipped[Math.floor(gzip!.length * 0.7)]! ^= 1;
    const damaged = [cut(gzip!, 0.02), cut(gzip!, 0.6), cut(plain!, 0.6), cut(plain!, 0.999), flipped];
    const found = await Promise.all(
      damaged.map(async (bytes, index) => {
        await writeFile(join(files, `damaged-${index}`), bytes);
        return parsed(await restoreFile(`damaged-${index}`, "--into", `damaged ${index}`, "--json"));
      }),
    );
    expect(found).toMatchObject(
      damaged.map(() => ({ code: 1, validated: false, problems: [expect.stringMatching(/ends|not whole/)] })),
    );
    expect(await databases()).toEqual(before);
  });

  test("a bit within a row that is not compressed shows nowhere, and that is said", async () => {
    const { code, stderr } = await restoreFile("plain.dump", "--into", "said");
    expect(code).toBe(0);
    expect(stderr).toContain("A file has no manifest");
  });

  test("what is no dump of that kind is refused, with what it is", async () => {
    await symlink("loop", join(files, "loop"));
    await mustRun(scratch, { command: "mkfifo", args: [join(files, "pipe")], cwd: files });
    const said: Readonly<Record<string, string>> = {
      "dump.sql": "SK-RESTORE-017: It is SQL in plain text",
      "dump.tar": "SK-RESTORE-017: It is a tar file",
      folder: "is a folder",
      "folder/toc.dat": "SK-RESTORE-017: It is the table of contents of pg_dump's tar or directory format",
      "inserts.dump": "SK-RESTORE-017: Its rows are INSERT statements",
      "missing.dump": "does not exist",
      loop: "its links lead in a circle",
      pipe: "is a device or a pipe",
    };
    const told = await Promise.all(
      Object.keys(said).map(async (name) => {
        const { code, error } = parsed(await restoreFile(name, "--into", "refused", "--json"));
        return [name, code, `${error.code}: ${error.message}`];
      }),
    );
    expect(told).toEqual(
      Object.entries(said).map(([name, words]) => [name, 2, expect.stringContaining(words) as string]),
    );
  });

  test("a file out of a store is restored by its id, and the message has it", async () => {
    const created = await create();
    const taken = await run(["restore", await fileOf(created, "archive.dump"), "--into", "x"], {}, false);
    expect(taken.code).toBe(2);
    expect(taken.stderr).toContain(`seakeep restore ${created.id} --store file://${store}`);
  });

  test("swap and undo find their databases by the file's content", async () => {
    const live = await postgres.createDatabase("from file");
    await query(live, "create table t as select g from generate_series(1, 10) g");
    const env = { DATABASE_URL: live };
    const file = join(files, "live.dump");
    await mustRun(scratch, { command: binary("pg_dump"), args: ["-Fc", "-f", file, live], cwd: work });
    await query(live, "delete from t");
    const asked = parsed(await run(["restore", file, "--swap", "--json"], env, false));
    const confirm = /--confirm='([^']+)'/.exec(asked.error.fix)![1]!;
    const swapped = await run(["restore", file, "--swap", `--confirm=${confirm}`], env, false);
    expect([swapped.code, await query(live, "select count(*)::int as n from t")]).toEqual([0, [{ n: 10 }]]);
    const undone = await run(["restore", file, "--undo", `--confirm=${confirm}`], env, false);
    expect([undone.code, await query(live, "select count(*)::int as n from t")]).toEqual([0, [{ n: 0 }]]);
  });
});

describe("swap and undo", () => {
  const live = "live";
  let liveUrl: string;
  const rows = async () =>
    (await query<{ n: number }>(liveUrl, "select count(*)::int as n from items"))[0]!.n;

  beforeAll(async () => {
    liveUrl = await postgres.createDatabase(live);
    await query(
      liveUrl,
      "create table items (id serial primary key, t text); insert into items (t) select 'x' from generate_series(1, 100)",
    );
    await query(
      liveUrl,
      `create role reader; alter database ${live} set work_mem = '9MB'; alter database ${live} set search_path = public, "a b";
       alter role reader in database ${live} set statement_timeout = '5s'; revoke all on database ${live} from public;
       grant connect on database ${live} to reader; alter database ${live} connection limit 50; comment on database ${live} is 'the ''live'' one'`,
    );
  });

  test("asks first, swaps under load without a moment without a database, and takes it back", async () => {
    const env = { DATABASE_URL: liveUrl };
    // The backup has these as well, and the database no longer: they must not come back by it.
    await query(
      liveUrl,
      `alter database ${live} set lock_timeout = '1s'; grant temporary on database ${live} to public`,
    );
    const created = await json<Created>(["backup", "create"], env);
    await query(
      liveUrl,
      `alter database ${live} reset lock_timeout; revoke temporary on database ${live} from public`,
    );
    await query(liveUrl, "insert into items (t) values ('after the backup')");

    const asked = await json<Failed>(["restore", created.id, "--swap"], env);
    expect([asked.code, asked.error.code]).toEqual([2, "SK-RESTORE-001"]);
    const confirm = /--confirm='(live@[0-9a-f]{8})'/.exec(asked.error.fix)![1]!;
    const wrong = await json<Failed>(["restore", created.id, "--swap", `--confirm=${confirm}0`], env);
    expect([wrong.code, wrong.error.code]).toEqual([2, "SK-RESTORE-001"]);
    expect(await rows()).toBe(101);

    const facts = () =>
      query(
        postgres.url,
        `select shobj_description(d.oid, 'pg_database'), d.datconnlimit, d.datacl::text, r.rolname, s.setconfig from pg_database d
         join pg_db_role_setting s on s.setdatabase = d.oid left join pg_roles r on r.oid = s.setrole
         where datname = '${live}' order by 4`,
      );
    const before = await facts();
    const pool = startPool(liveUrl);
    const swapped = await json<Restored>(
      ["restore", created.id, "--swap", "--drain", "0s", `--confirm=${confirm}`],
      env,
    );
    expect(swapped).toMatchObject({ code: 0, database: live, validated: true, swapped: true });
    expect(await rows()).toBe(100);
    expect(await facts()).toEqual(before);
    expect(before).toHaveLength(2);

    const undone = await json<Restored>(
      ["restore", created.id, "--undo", "--drain", "0s", `--confirm=${confirm}`],
      env,
    );
    expect(undone).toMatchObject({ code: 0, database: live, undone: true });
    expect(await rows()).toBe(101);
    expect(await databases()).toEqual(expect.arrayContaining([live, undone.kept!]));
    expect(await databases()).not.toContain(swapped.kept);
    const seen = await pool.stop();
    expect(seen.answered).toBeGreaterThan(10);
    // Sessions were ended, and every next connection found a database under the name.
    expect(seen.missing).toBe(0);
  });

  test("what was restored and looked at before is swapped in as it is", async () => {
    const env = { DATABASE_URL: liveUrl };
    const created = await json<Created>(["backup", "create"], env);
    await json<Restored>(["restore", created.id, "--into", "looked_at"], env);
    await query(databaseUrl("looked_at"), "insert into items (t) values ('mended by hand')");
    const asked = await json<Failed>(["restore", created.id, "--swap", "--into", "looked_at"], env);
    const confirm = /--confirm='([^']+)'/.exec(asked.error.fix)![1]!;
    const swapped = await json<Restored>(
      ["restore", created.id, "--swap", "--into", "looked_at", `--confirm=${confirm}`],
      env,
    );
    expect(swapped.code).toBe(0);
    expect(await query(liveUrl, "select t from items where t like 'mended%'")).toHaveLength(1);
  });

  test("a session that may not be ended: nothing changes, and the next attempt goes on from there", async () => {
    await query(postgres.url, "create role owner login createdb password 'owner-of-one'");
    await query(postgres.url, "create database owned owner owner");
    const env = { DATABASE_URL: databaseUrl("owned").replace(/\/\/[^@]+@/, "//owner:owner-of-one@") };
    await query(env.DATABASE_URL, "create table t as select 1 as x");
    const created = await json<Created>(["backup", "create"], env);
    const asked = await json<Failed>(["restore", created.id, "--swap"], env);
    const confirm = /--confirm='([^']+)'/.exec(asked.error.fix)![1]!;
    const superuser = new pg.Client({ connectionString: databaseUrl("owned") });
    await superuser.connect();
    const args = ["restore", created.id, "--swap", "--drain", "0s", `--confirm=${confirm}`];
    const refused = await json<Failed>(args, env);
    expect([refused.code, refused.error.code]).toEqual([3, "SK-RESTORE-005"]);
    expect((await superuser.query("select current_database() as name")).rows).toEqual([{ name: "owned" }]);
    await superuser.end();
    expect((await databases()).filter((name) => name.startsWith("owned"))).toHaveLength(2);
    expect(await json<Restored>(args, env)).toMatchObject({ code: 0, database: "owned", swapped: true });
  });
});

/** A service that never stops asking, and reconnects at once. */
function startPool(where: string) {
  const seen = { answered: 0, cut: 0, missing: 0 };
  let stopped = false;
  const asking = Array.from({ length: 4 }, async () => {
    while (!stopped) {
      const client = new pg.Client({ connectionString: where });
      client.on("error", () => {});
      try {
        await client.connect();
        for (let turn = 0; turn < 20 && !stopped; turn++) {
          await client.query("select count(*) from items");
          seen.answered++;
        }
      } catch (error) {
        // 3D000 with this detail: renamed while this session was waiting at the door; the next attempt gets in.
        const { code, detail = "" } = error as { code?: string; detail?: string };
        if (code === "3D000" && !/just been dropped or renamed/.test(detail)) seen.missing++;
        else seen.cut++;
      } finally {
        await client.end().catch(() => {});
      }
    }
  });
  return {
    async stop() {
      stopped = true;
      await Promise.all(asking);
      return seen;
    },
  };
}

describe("interrupted", () => {
  let bigUrl: string;
  beforeAll(async () => {
    bigUrl = await postgres.createDatabase("big");
    const text = Array.from({ length: 10 }, (_, index) => `md5((g * 10 + ${index})::text)`).join(" || ");
    await query(bigUrl, `create table big as select g as id, ${text} as t from generate_series(1, 300000) g`);
  });

  const env = () => ({ DATABASE_URL: bigUrl, TMPDIR: work });
  const args = () => ["backup", "create", "--store", `file://${store}`];
  const filesIn = async (folder: string) =>
    existsSync(folder)
      ? (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
      : [];
  const dumping = async () =>
    (await filesIn(store)).some(({ name }) => name !== "lock.json" && !/lock/.test(name));
  const sessions = async () =>
    (
      await query<{ n: number }>(
        postgres.url,
        "select count(*)::int as n from pg_stat_activity where datname = 'big'",
      )
    )[0]!.n;

  test("create by Ctrl-C: 130, nothing listed, nothing left, the next one works", async () => {
    const { child, ended } = startSeakeep(scratch, args(), env());
    await until("the dump is being stored", dumping, SOON);
    child.kill("SIGINT");
    expect((await ended).code).toBe(130);
    expect(await filesIn(store)).toEqual([]);
    await until("its sessions are gone", async () => (await sessions()) === 0, SOON);
    expect(await filesIn(work)).toEqual([]);
    expect(await list()).toMatchObject([]);
    expect((await json<Created>(["backup", "create"], { DATABASE_URL: bigUrl })).code).toBe(0);
  });

  test("create by kill -9: nothing listed, and the next one does not wait for the lock", async () => {
    const { child, ended } = startSeakeep(scratch, args(), env());
    await until("the dump is being stored", dumping, SOON);
    child.kill("SIGKILL");
    expect((await ended).signal).toBe("SIGKILL");
    expect(await list()).toMatchObject([]);
    await until("its sessions are gone", async () => (await sessions()) === 0, SOON);
    const created = await json<Created>(["backup", "create"], { DATABASE_URL: bigUrl });
    expect(created.code).toBe(0);
    expect((await list()).map(({ id, state }) => [id, state])).toEqual([[created.id, "complete"]]);
  });

  test("two at once: one of them backs up, the other says why not", async () => {
    const { ended } = startSeakeep(scratch, args(), env());
    await until("the dump is being stored", dumping, SOON);
    const second = await json<Failed>(["backup", "create"], { DATABASE_URL: bigUrl });
    expect([second.code, second.error.code]).toEqual([3, "SK-BACKUP-004"]);
    expect((await ended).code).toBe(0);
    expect(await list()).toHaveLength(1);
  });

  test("restore by Ctrl-C: its own database and files are gone, everything else is as it was", async () => {
    const created = await json<Created>(["backup", "create"], { DATABASE_URL: bigUrl });
    const before = await databases();
    const { child, ended } = startSeakeep(
      scratch,
      ["restore", created.id, "--into", "half", "--store", `file://${store}`],
      env(),
    );
    await until(
      "the restore is under way",
      async () => (await databases()).some((name) => /^(half|seakeep_restore)_/.test(name)),
      SOON,
    );
    child.kill("SIGINT");
    expect((await ended).code).toBe(130);
    await until("its database is gone", async () => (await databases()).length === before.length, SOON);
    expect(await databases()).toEqual(before);
    expect(await filesIn(work)).toEqual([]);
    expect((await list())[0]!.state).toBe("complete");
  });
});

describe("several jobs", () => {
  let wideUrl: string;
  beforeAll(async () => {
    wideUrl = await postgres.createDatabase("wide");
    await query(wideUrl, sql);
    // Large on disk and nearly empty, so that reading them takes no time: one row a page, and few rows left.
    for (const table of ['"large.*"', '"Größe ""x"""."large.*"', '"Große|Tabelle$"']) {
      await query(
        wideUrl,
        `create table ${table} (id serial primary key, pad text) with (autovacuum_enabled = off);
         alter table ${table} alter pad set storage plain;
         insert into ${table} (pad) select repeat('x', 8000) from generate_series(1, 4200);
         delete from ${table} where id % 1000 <> 0`,
      );
    }
  });

  const args = () => ["backup", "create", "--jobs", "3", "--store", `file://${store}`];
  const env = () => ({ DATABASE_URL: wideUrl, TMPDIR: work });
  const names = async () =>
    existsSync(store)
      ? (await readdir(store, { recursive: true, withFileTypes: true }))
          .filter((entry) => entry.isFile())
          .map(({ name }) => name)
      : [];

  test("dump, verify and restore the same as one, with large tables in files of their own", async () => {
    const created = await json<Created>(["backup", "create", "--jobs", "3"], env());
    expect(created).toMatchObject({ code: 0, service: "wide" });
    expect((await names()).filter((name) => /^(archive|rows)/.test(name)).sort()).toEqual([
      "archive.dump",
      "rows-01.sql",
      "rows-02.sql",
      "rows-03.sql",
    ]);
    const alone = await json<Created>(["backup", "create"], env());
    expect([created.tables, created.rows]).toEqual([alone.tables, alone.rows]);
    expect(await json(["backup", "verify", created.id])).toMatchObject({ code: 0, ok: true, problems: [] });
    for (const jobs of ["1", "3"]) {
      const restored = await json<Restored>(
        ["restore", created.id, "--into", `wide ${jobs}`, "--jobs", jobs],
        env(),
      );
      expect(restored).toMatchObject({ code: 0, validated: true, tables: created.tables, problems: [] });
    }
    await flip(await fileOf(created, "rows-02.sql"), 30);
    expect(await json(["backup", "verify", created.id])).toMatchObject({ code: 1, ok: false });
    await rm(await fileOf(created, "rows-01.sql"));
    expect(await list()).toMatchObject([{ id: created.id, state: "damaged" }, { state: "complete" }]);
  });

  /** Starts a create whose first pg_dump waits for a table, until the others are done. */
  async function halfWay(): Promise<{ running: Running; release: () => Promise<void> }> {
    const holder = new pg.Client({ connectionString: wideUrl });
    await holder.connect();
    // A partitioned table has no size, so that nobody waits for it but pg_dump.
    await holder.query("begin; lock table only measured in access exclusive mode");
    const running = startSeakeep(scratch, args(), env());
    const isHalf = async () => {
      const stored = await names();
      return stored.includes("rows-01.sql") && stored.includes("rows-02.sql");
    };
    await until("half of it is stored", isHalf, SOON);
    expect(await names()).not.toContain("archive.dump");
    return { running, release: () => holder.end() };
  }

  const sessions = async () =>
    (await query(postgres.url, "select from pg_stat_activity where datname = 'wide'")).length;

  test.each<[what: string, hit: (running: Running) => void, end: object, left: boolean]>([
    ["Ctrl-C", ({ child }) => child.kill("SIGINT"), { code: 130 }, false],
    ["kill -9", ({ child }) => child.kill("SIGKILL"), { signal: "SIGKILL" }, true],
    [
      "kill -9 of one pg_dump",
      ({ child }) => {
        const [waiting] = descendants(child.pid!).filter(({ name }) => name === "pg_dump");
        process.kill(waiting!.pid, "SIGKILL");
      },
      { code: 3 },
      false,
    ],
  ])("%s half way: nothing is listed, and the next one works", async (_, hit, end, left) => {
    const { running, release } = await halfWay();
    try {
      hit(running);
      expect(await running.ended).toMatchObject(end);
      expect(await list()).toEqual([]);
      expect((await names()).length > 0).toBe(left);
    } finally {
      await release();
    }
    await until("its sessions are gone", async () => (await sessions()) === 0, SOON);
    const next = await json<Created>(["backup", "create", "--jobs", "3"], env());
    expect(await list()).toMatchObject([{ id: next.id, state: "complete" }]);
  });
});

test("prune keeps what the rules keep and what is proven, and says why", async () => {
  const ids: string[] = [];
  for (let count = 0; count < 4; count++) ids.push((await create()).id);
  expect(await json<Restored>(["restore", ids[0]!, "--into", "pruned"])).toMatchObject({ validated: true });
  const args = ["backup", "prune", "--keep-last", "2"];
  const tried = await json<{ deleted: string[] }>([...args, "--dry-run"]);
  expect(tried.deleted).toEqual([ids[1]]);
  expect(await list()).toHaveLength(4);
  const pruned = await json<{ deleted: string[]; kept: { id: string; reasons: string[] }[] }>(args);
  expect(pruned.deleted).toEqual([ids[1]]);
  expect(pruned.kept[0]).toEqual({ id: ids[0], reasons: ["proven"] });
  expect((await list()).map(({ id }) => id)).toEqual([ids[0], ids[2], ids[3]]);
});

describe("where the database is", () => {
  test("a file or another variable names it; a password on the command line is refused, unseen", async () => {
    const file = join(work, "url");
    await mkdir(work, { recursive: true });
    await writeFile(file, `${url}\n`);
    expect((await run(["backup", "create", "--database", file], { DATABASE_URL: "" })).code).toBe(0);
    expect(
      (await run(["backup", "create", "--database", "OTHER"], { DATABASE_URL: "", OTHER: url })).code,
    ).toBe(0);
    const refused = await json<Failed>(["backup", "create", "--database", url]);
    expect([refused.code, refused.error.code]).toEqual([2, "SK-BACKUP-003"]);
    const unset = await json<Failed>(["backup", "create"], { DATABASE_URL: "" });
    expect([unset.code, unset.error.code]).toEqual([2, "SK-BACKUP-002"]);
  });

  test("nobody there is no verdict: 3", async () => {
    const gone = new URL(url);
    gone.port = "1";
    const failed = await json<Failed>(["backup", "create"], { DATABASE_URL: gone.href });
    expect([failed.code, failed.error.code]).toEqual([3, "SK-POSTGRES-002"]);
  });
});

test("no output of any of these runs shows the password", () => {
  const { password } = new URL(postgres.url);
  expect(outputs.length).toBeGreaterThan(50);
  expect(outputs.filter((text) => text.includes(password))).toEqual([]);
});
