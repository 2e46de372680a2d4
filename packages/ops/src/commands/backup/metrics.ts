import { resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { SeakeepError } from "@seakeep/contract";
import { InvalidArgumentError } from "commander";
import { cached } from "../../backup/metrics/cached.ts";
import { exposition } from "../../backup/metrics/exposition.ts";
import { type BackupFacts, readFacts } from "../../backup/metrics/facts.ts";
import { StoreError } from "../../backup/stores/error.ts";
import type { Ops } from "../../config/ops.ts";
import { EXIT, type ExitCode } from "../../exit.ts";
import { writeWhole } from "../../generate/folder.ts";
import { type Address, listen, parseAddress } from "../../system/listen.ts";
import { examples, type Invocation, type Verb } from "../../verb.ts";
import { chooseFolder, chooseStore, defineStore, readOps, type StoreVerbOptions } from "./where.ts";

interface MetricsVerbOptions extends StoreVerbOptions {
  readonly textfile?: string;
  readonly listen?: Address;
}

/** Milliseconds that what was read of the store lasts. */
const FRESH = 60_000;
/** Milliseconds that a scrape waits for the store: Prometheus itself waits for ten seconds. */
const PATIENCE = 8_000;

/** `seakeep backup metrics`: what the store holds, for Prometheus. */
export const metrics: Verb<MetricsVerbOptions> = {
  define(command) {
    defineStore(command);
    command
      .option("--textfile <path>", "write them to this file, for node_exporter's textfile collector")
      .option("--listen <host:port>", "serve them on /metrics until Ctrl-C", address)
      .addHelpText(
        "after",
        `${examples([
          ["seakeep backup metrics", "Print them."],
          [
            "seakeep backup metrics --textfile /var/lib/node_exporter/textfile/backup.prom",
            "From a timer: the file is replaced whole.",
          ],
          ["seakeep backup metrics --listen 127.0.0.1:9841", "An exporter, for as long as it runs."],
        ])}
They are read from the store, and no job sets them. A store that cannot be read is backup_store_up 0 and nothing else.
Exit codes: 0 read, 2 wrong usage, 3 the store could not be read.
`,
      );
  },
  async run(options, invocation) {
    if (options.listen !== undefined && options.textfile !== undefined) {
      throw new SeakeepError("SK-BACKUP-007", "--listen and --textfile contradict each other.");
    }
    const ops = await readOps(options, invocation);
    const read = () => readOnce(options, ops, invocation);
    if (options.listen !== undefined) return await serve(options.listen, read, invocation);
    const facts = await read();
    const { output, cwd } = invocation;
    if (options.textfile !== undefined) await writeWhole(resolve(cwd, options.textfile), exposition(facts));
    output.result({ storeUp: facts !== undefined, services: facts ?? [] }, () =>
      options.textfile === undefined ? exposition(facts) : "",
    );
    return facts === undefined ? EXIT.unknown : EXIT.passed;
  },
};

/** Opens the store each time: it may come and go. `undefined`: it could not be read, which is told. */
async function readOnce(
  options: StoreVerbOptions,
  ops: Ops | undefined,
  { output, signal }: Invocation,
): Promise<BackupFacts[] | undefined> {
  try {
    const store = await chooseStore(options, ops);
    try {
      const own = options.service ?? ops?.service.name;
      return await readFacts(store, own, chooseFolder(options, ops), signal);
    } finally {
      await store.close();
    }
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    output.note(`warning: the store could not be read: ${error.code} ${error.what}`);
    return undefined;
  }
}

async function serve(
  where: Address,
  read: () => Promise<BackupFacts[] | undefined>,
  { output, signal }: Invocation,
): Promise<ExitCode> {
  const facts = cached(read, FRESH, () => performance.now());
  // What is wrong with the configuration is better said now than at each scrape.
  await facts();
  const page = async () => {
    const waiting = new AbortController();
    const late = pause(PATIENCE, undefined, { signal: waiting.signal }).catch(() => undefined);
    try {
      return exposition(await Promise.race([facts(), late]));
    } catch (error) {
      output.note(`warning: ${(error as Error).message}`);
      return exposition(undefined);
    } finally {
      waiting.abort();
    }
  };
  const onListening = (url: string) => output.note(`listening on ${url}; Ctrl-C ends it`);
  await listen(where, page, { signal, onListening }).catch((error: NodeJS.ErrnoException) => {
    throw new SeakeepError("SK-BACKUP-007", `Nothing can listen there: ${error.message}.`, {
      fix: "Name an address of this machine and a port that is free.",
    });
  });
  return EXIT.passed;
}

function address(written: string): Address {
  const parsed = parseAddress(written);
  if (parsed === undefined) throw new InvalidArgumentError("Write host:port, such as 127.0.0.1:9841.");
  return parsed;
}
