import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { bestCompression } from "../../backup/archive/compression.ts";
import { parseRecipient } from "../../backup/archive/seal/keys.ts";
import { create as createBackup } from "../../backup/create.ts";
import { pgDump } from "../../backup/engines/pg-dump/index.ts";
import type { Manifest } from "../../backup/manifest.ts";
import { lockDatabase } from "../../backup/server/database-lock.ts";
import { EXIT } from "../../exit.ts";
import { keepYoungGenerationSmall } from "../../system/young-generation.ts";
import { examples, type Verb } from "../../verb.ts";
import { version } from "../../version.ts";
import { count } from "./count.ts";
import { createMeter } from "./meter.ts";
import {
  chooseConnection,
  chooseStore,
  DATABASE_HELP,
  defineStore,
  readOps,
  type StoreVerbOptions,
} from "./where.ts";
import { bytesText, countText, plainBytesOf, rowsOf, storedBytesOf } from "./words.ts";

interface CreateVerbOptions extends StoreVerbOptions {
  readonly database?: string;
  readonly recipient?: readonly string[];
  readonly jobs?: number;
}

/** `seakeep backup create`: one consistent snapshot, streamed to the store. */
export const create: Verb<CreateVerbOptions> = {
  define(command) {
    defineStore(command);
    command
      .option("--database <where>", DATABASE_HELP)
      .option(
        "--recipient <key>",
        "encrypt to this public key; may be repeated (default: the configuration's backup.recipients)",
        (key: string, before: readonly string[] = []) => [...before, key],
      )
      .option("--jobs <count>", "large tables read and stored at once, in one snapshot (default: 2)", count)
      .addHelpText(
        "after",
        examples([
          [
            "DATABASE_URL=postgres://... seakeep backup create --store file:///backups",
            "No configuration needed.",
          ],
          ["seakeep backup create", "Database, store and recipients of seakeep.config.ts."],
          ["seakeep backup create --jobs 4", "A large database: four tables at once, of one moment."],
          [
            "seakeep backup create --database REPLICA_URL --json",
            "Another variable; the result for machines.",
          ],
        ]),
      );
  },
  async run(options, invocation) {
    keepYoungGenerationSmall();
    const { output, signal } = invocation;
    const ops = await readOps(options, invocation);
    const recipients = (options.recipient ?? ops?.backup?.recipients ?? []).map(parseRecipient);
    const connection = await chooseConnection(options.database, ops, invocation);
    const service = options.service ?? ops?.service.name ?? connection.database;
    const store = await chooseStore(options, ops, true);
    const clock = () => performance.now();
    const started = clock();
    const meter = createMeter(output, clock);
    try {
      const manifest = await createBackup(
        {
          ...{ store, engine: pgDump, compression: bestCompression(), lockDatabase },
          ...{ now: () => new Date(), random: randomBytes },
          tool: `seakeep ${version()}`,
          holder: `${hostname()}, process ${process.pid}`,
        },
        {
          ...{ service, recipients, connection, signal, jobs: options.jobs },
          ...{ declaration: ops?.service.hash, keep: ops?.backup?.keep as Manifest["retention"]["keep"] },
          onProgress: ({ plain, expected }) => meter("dumping", plain, expected),
          onWarning: (text) => output.note(`warning: ${text}`),
        },
      );
      const seconds = Math.round((clock() - started) / 100) / 10;
      output.result(document(manifest, store.url, seconds), () => text(manifest, store.url, seconds));
      if (recipients.length === 0) {
        output.note(
          "note: it is not encrypted; name recipients to change that (docs/how-to/back-up-and-restore.md).",
        );
      }
      const at = options.store === undefined ? "" : ` --store ${options.store}`;
      output.note(`next: seakeep drill --id ${manifest.id}${at}, which proves it`);
      return EXIT.passed;
    } finally {
      output.status("");
      await store.close();
    }
  },
};

function document(manifest: Manifest, store: string, seconds: number): object {
  const { id, service, snapshotAt, contents, encryption } = manifest;
  return {
    ...{ id, store, service },
    bytes: storedBytesOf(manifest),
    plainBytes: plainBytesOf(manifest),
    snapshotAt,
    tables: contents.tables.length,
    rows: rowsOf(manifest),
    encrypted: encryption !== undefined,
    seconds,
  };
}

function text(manifest: Manifest, store: string, seconds: number): string {
  const { id, contents, snapshotAt } = manifest;
  const sizes = `${bytesText(plainBytesOf(manifest))} in ${bytesText(storedBytesOf(manifest))}`;
  const held = `${countText(contents.tables.length, "table")}, ${countText(rowsOf(manifest), "row")}`;
  return `${id}\n  ${held}, ${sizes}, ${seconds} s\n  as of ${snapshotAt}, in ${store}`;
}
