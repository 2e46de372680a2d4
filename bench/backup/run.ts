import { generateKeyPairSync } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createBucket } from "@seakeep/test/dist/stack/bucket.js";
import { startCeph } from "@seakeep/test/dist/stack/ceph.js";
import { mustRun, openScratch, type Scratch, startPostgres } from "@seakeep/test/dist/stack/index.js";
import { type Budget, judge, LIMITS } from "../budgets.ts";
import { spread } from "../harness/stats.ts";
import type { Run, Section } from "../report.ts";
import { type Cost, timed } from "./timed.ts";

const require = createRequire(import.meta.url);
const SEAKEEP = join(dirname(require.resolve("seakeep")), "../bin/seakeep.js");
const PUT = fileURLToPath(new URL("put.js", import.meta.url));
const DATABASE = fileURLToPath(new URL("../../backup/database.sql", import.meta.url));
const BUCKET = "bench";
const MIB = 1024 * 1024;
/** Two raw dumps further apart than this, first over last, say that the machine was too busy for any verdict. */
const CONTROL = 1.1;

interface Figure extends Cost {
  readonly what: string;
  /** Wall time over that of the raw dump, or of the best bare restore. */
  readonly ratio: number;
}

/** Backs up and restores one database in the ways a user would, one after the other. Some ten minutes on a busy machine. */
export async function backup(run: Run): Promise<Section> {
  const scratch = await openScratch();
  try {
    return await measure(scratch, run);
  } finally {
    await scratch.close();
  }
}

async function measure(scratch: Scratch, { quick, progress }: Run): Promise<Section> {
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
  const server = {
    ...{ PGHOST: "127.0.0.1", PGPORT: `${postgres.port}`, PGUSER: "postgres" },
    PGPASSWORD: new URL(url).password,
  };
  const env = { ...ceph.env, ...server, PGDATABASE: "shop", DATABASE_URL: url };
  progress("backup: filling the database");
  const rows = `rows=${quick ? 0.1 : 1}`;
  const fill = ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-v", rows, "-f", DATABASE];
  await mustRun(scratch, { command: "psql", args: fill, env });
  const plain = Number((await timed(scratch, "pg_dump -Fp | wc -c", [], env)).stdout);

  const step = (what: string, line: string, ...args: readonly string[]) => {
    progress(`backup: ${what}`);
    return timed(scratch, line, args, env);
  };
  const store = `s3://${BUCKET}/prod?endpoint=${encodeURIComponent(ceph.endpoint)}`;
  const node = [process.execPath, SEAKEEP];
  const sealed = ["--store", store, "--recipient", publicKey.split("\n")[1]!, "--json"];
  const create = (what: string, ...more: readonly string[]) =>
    step(what, '"$@"', ...node, "backup", "create", ...sealed, ...more);
  const raw = (what: string) => step(what, "pg_dump -Fp >/dev/null");

  const first = await raw("raw dump");
  const one = await create("seakeep backup create");
  const two = await create("seakeep backup create --jobs 2", "--jobs", "2");
  const piped = '"$1" "$2" "$3" "$4" "$5"';
  const shell = await step(
    "the shell way",
    `pg_dump -Fc | ${piped}`,
    ...[process.execPath, PUT, ceph.endpoint, BUCKET, "shell.dump"],
  );
  const last = await raw("raw dump again");

  const file = join(scratch.folder, "bare.dump");
  await mustRun(scratch, { command: "pg_dump", args: ["-Fc", "-Z1", "-f", file], env });
  const bare = [];
  for (const jobs of ["1", "2"]) {
    await postgres.createDatabase(`bare${jobs}`);
    bare.push(
      await step(`pg_restore -j${jobs}`, 'pg_restore -j "$1" -d "$2" "$3"', jobs, `bare${jobs}`, file),
    );
  }
  const { id } = JSON.parse(one.stdout) as { id: string };
  const restoring = ["--into", "restored", "--identity", identity, "--work-dir", scratch.folder];
  const restored = await step(
    "seakeep restore",
    '"$@"',
    ...[...node, "restore", id, ...restoring, "--store", store, "--json"],
  );

  const dumps = [first.wall, last.wall];
  const restores = Math.min(...bare.map(({ wall }) => wall));
  const over =
    (base: number) =>
    (what: string, { wall, cpu, memory }: Cost) => ({
      ...{ what, wall, cpu, memory, ratio: wall / base },
    });
  const backedUp = over((first.wall + last.wall) / 2);
  const putBack = over(restores);
  const figures: Figure[] = [
    backedUp("pg_dump -Fp >/dev/null", first),
    backedUp("the same, at the end", last),
    backedUp("seakeep backup create", one),
    backedUp("seakeep backup create --jobs 2", two),
    backedUp("pg_dump -Fc | S3 multipart", shell),
    ...bare.map((cost, index) => putBack(`pg_restore -j${index + 1}`, cost)),
    putBack("seakeep restore", restored),
  ];
  const trusted = Math.max(...dumps) / Math.min(...dumps) <= CONTROL;
  const budget = (what: string, atMost: number, values: readonly number[], isTrusted = trusted): Budget => {
    const measured = spread(values);
    return {
      what,
      atMost,
      measured,
      verdict: judge(measured, atMost, isTrusted),
      format: (value) => value.toFixed(2),
    };
  };
  const toRaw = ({ wall }: Cost) => dumps.map((dump) => wall / dump);
  const peak = Math.max(...[one, two, restored].map(({ memory }) => memory)) / MIB;
  return {
    name: "Backup and restore",
    note: `A database of ${(plain / 1e6).toFixed(0)} MB as \`pg_dump -Fp\` writes it. Wall and CPU in seconds; the ratio is to the raw dump, or to the best bare restore.`,
    tables: [
      {
        columns: ["", "wall s", "ratio", "client CPU s", "peak PSS, MiB"],
        rows: figures.map(({ what, wall, ratio, cpu, memory }) => [
          ...[what, wall.toFixed(1), ratio.toFixed(2), cpu.toFixed(1), (memory / MIB).toFixed(0)],
        ]),
      },
    ],
    figures,
    budgets: [
      budget("seakeep backup create / raw dump", LIMITS.createOverRaw, toRaw(one)),
      budget("seakeep backup create --jobs 2 / raw dump", LIMITS.parallelOverRaw, toRaw(two)),
      budget("seakeep restore / best bare pg_restore", LIMITS.restoreOverBare, [restored.wall / restores]),
      // Memory does not depend on how busy the machine is.
      budget("peak PSS of the command, MiB", LIMITS.backupMemory, [peak], true),
    ],
  };
}
