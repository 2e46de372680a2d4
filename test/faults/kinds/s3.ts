import { randomBytes } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { settle } from "../aftermath.ts";
import { filesBelow } from "../files.ts";
import {
  catalog,
  compression,
  connections,
  creating,
  engines,
  keys,
  locks,
  restoring,
  s3Store,
  verifying,
} from "../ops.ts";
import { compare, drop, list } from "../oracle.ts";
import type { S3Call, S3Fault } from "../s3-server.ts";
import { enter, run, type Trial } from "../trial.ts";
import { SERVICE } from "../world.ts";

const BUCKET = "faults";
const prefixOf = ({ seed }: Trial): string => `trial-${seed}`;

/** Moves the trial's store into the bucket. */
export async function toS3(trial: Trial): Promise<void> {
  const { world, store } = trial;
  for (const path of await filesBelow(store)) {
    const file = join(store, path);
    const { mtime: modified } = await stat(file);
    world.s3.objects.set(`${prefixOf(trial)}/${path}`, {
      body: await readFile(file),
      modified,
      metadata: {},
    });
  }
  trial.url = `s3://${BUCKET}/${prefixOf(trial)}`;
  trial.notes.push("in S3");
}

/** Less patience than the command has, so that what never ends for it ends in seconds here. */
const PATIENCE = {
  retry: { attempts: 5, base: 4, cap: 30 },
  ...{ connect: 500, idle: 400, question: 3_000, transfer: 15_000 },
};

type Store = Awaited<ReturnType<typeof s3Store.openS3Store>>;

async function withStore<T>(trial: Trial, use: (store: Store) => Promise<T>): Promise<T> {
  const { endpoint } = trial.world.s3;
  const prefix = `${prefixOf(trial)}/`;
  const where = { bucket: BUCKET, prefix, endpoint, forcePathStyle: true, region: "us-east-1" };
  const store = await s3Store.openS3Store({ ...where, storageClass: "STANDARD_IA", tags: true }, PATIENCE);
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

/** Runs something that may fail, and keeps what it said. */
async function attempt<T>(trial: Trial, work: () => Promise<T>): Promise<T | undefined> {
  enter(trial);
  try {
    return await work();
  } catch (error) {
    const { message, stack = "", why = "", fix = "" } = error as Error & { why?: string; fix?: string };
    trial.outputs.push(message, stack, why, fix);
    trial.notes.push(`failed: ${message} ${why}`);
    return undefined;
  } finally {
    trial.world.s3.fault = undefined;
  }
}

function createWith(trial: Trial, url: string): Promise<{ id: string } | undefined> {
  const parts = {
    engine: engines.pgDump,
    compression: compression.bestCompression(),
    lockDatabase: locks.lockDatabase,
    now: () => new Date(),
    random: randomBytes,
    ...{ tool: "faults", holder: "faults" },
  };
  const recipients = trial.sealed ? [keys.parseRecipient(trial.world.recipient)] : [];
  const options = { service: SERVICE, recipients, connection: connections.parseConnection(url, {}) };
  const { signal } = new AbortController();
  return attempt(trial, () =>
    withStore(trial, (store) => creating.create({ ...parts, store }, { ...options, signal })),
  );
}

/** Fails each request with a chance of the trial's choice, or every one from some number on. */
function plan({ random, notes }: Trial, faults: readonly S3Fault[]): (call: S3Call) => S3Fault | undefined {
  if (random.chance(0.3)) {
    const [from, fault] = [1 + random.below(40), random.pick(faults)];
    notes.push(`${fault} from request ${from} on`);
    return ({ number }) => (number >= from ? fault : undefined);
  }
  if (random.chance(0.4)) {
    const [at, fault] = [1 + random.below(40), random.pick(faults)];
    notes.push(`${fault} at request ${at}`);
    return ({ number }) => (number === at ? fault : undefined);
  }
  const chance = random.pick([0.05, 0.2, 0.5]);
  notes.push(`${faults.join(", ")} with a chance of ${chance}`);
  return () => (random.chance(chance) ? random.pick(faults) : undefined);
}

function writing(faults: readonly S3Fault[]): (trial: Trial) => Promise<void> {
  return async (trial) => {
    await toS3(trial);
    const { world, random } = trial;
    const small = await world.nextVersion();
    // Large enough for several parts, now and then.
    const large = random.chance(0.25) ? await world.large() : undefined;
    if (large) trial.notes.push("in parts");
    world.s3.count();
    world.s3.fault = plan(trial, faults);
    const made = await createWith(trial, large?.url ?? world.url);
    await settle(trial, { code: made ? 0 : 1, json: made ? { id: made.id } : {} }, large?.content ?? small);
  };
}

export const writeErrors: (trial: Trial) => Promise<void> = writing([500, 503]);
export const writeCuts: (trial: Trial) => Promise<void> = writing(["cut"]);
export const writeLostAcknowledgements: (trial: Trial) => Promise<void> = writing(["lost"]);
export const writeTimeouts: (trial: Trial) => Promise<void> = writing(["hang"]);
export const writeDropped: (trial: Trial) => Promise<void> = writing(["drop"]);
export const writeMixed: (trial: Trial) => Promise<void> = writing([
  500,
  503,
  "cut",
  "lost",
  "hang",
  "half",
  "slow",
]);

/** Reading from a store that fails: no verdict, or the right one. */
export async function reads(trial: Trial): Promise<void> {
  await toS3(trial);
  const { world, random, lies, known } = trial;
  const faults: S3Fault[] = random.pick([
    [500, 503],
    ["cut"],
    ["half"],
    ["slow"],
    ["hang"],
    ["short"],
    [500, "cut", "half", "slow", "hang"],
  ]);
  world.s3.count();
  const planned = plan(trial, faults);
  world.s3.fault = (call) => (call.op === "get" ? planned(call) : undefined);
  const id = random.pick([...known.keys()]);
  const { signal } = new AbortController();
  const find = async (store: Store) => {
    const entry = (await catalog.readCatalog(store, SERVICE)).backups.find((each) => each.id === id);
    if (entry === undefined) lies.push(`${id} was good, and is not listed`);
    return entry;
  };
  if (random.chance(0.5)) {
    const verify = () =>
      attempt(trial, () =>
        withStore(trial, async (store) => {
          const entry = await find(store);
          return entry && verifying.verify(store, entry, { tool: "faults", signal });
        }),
      );
    const verdict = await verify();
    if (verdict?.ok === false) {
      // A store that shows less than it has, twice, is damage as far as anybody can tell, and on record until it is read sound.
      const again = faults.includes("short") ? await verify() : verdict;
      if (!again?.ok) lies.push(`verify calls sound ${id} damaged: ${again?.problems.join(" ")}`);
    }
  } else {
    const into = `read_${trial.seed}`;
    const connection = connections.parseConnection(world.postgres.url, {});
    const identities = keys.parseIdentities(await readFile(world.identity, "utf8"));
    const parts = { engine: engines.pgDump, tool: "faults", clock: () => performance.now() };
    const result = await attempt(trial, () =>
      withStore(trial, async (store) => {
        const entry = await find(store);
        const options = { connection, into, identities, workFolder: trial.temporary, signal };
        return entry && restoring.restore({ ...parts, store }, entry, options);
      }),
    );
    if (result?.validated) await compare(trial, into, id);
    if (result?.validated === false && !faults.includes("short"))
      lies.push(`restore calls sound ${id} damaged: ${result.problems.join(" ")}`);
    for (const name of [into, result?.database]) if (name) await drop(world, name);
  }
  await settle(trial, { code: 1, json: {} }, "none");
}

/** The store's clock and this machine's differ. */
export async function skew(trial: Trial): Promise<void> {
  const { world, random, lies } = trial;
  await toS3(trial);
  const minutes = (random.chance(0.5) ? 1 : -1) * (6 + random.below(600));
  trial.notes.push(`the store's clock is ${minutes} min ahead`);
  world.s3.skew = minutes * 60_000;
  const content = await world.nextVersion();
  const made = await run(trial, "backup", "create");
  if (made.code === 0) trial.known.set(String(made.json.id), content);
  const before = (await list(trial)).map(({ id }) => id);
  const pruned = await run(trial, "backup", "prune", "--keep-last", "1", "--delete");
  if (pruned.code === 0) lies.push(`prune worked although clocks are ${minutes} min apart`);
  const after = (await list(trial)).map(({ id }) => id);
  if (before.join() !== after.join())
    lies.push(`prune refused and deleted all the same: ${before.join()} became ${after.join()}`);
  await settle(trial, { code: 1, json: {} }, content);
}
