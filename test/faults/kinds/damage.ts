import { copyFile, readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { filesBelow } from "../files.ts";
import { manifests } from "../ops.ts";
import { drop, judge } from "../oracle.ts";
import { run, type Trial } from "../trial.ts";

/** Files of backups, without proofs: those are no part of what is restored. */
async function backupFiles({ store }: Trial): Promise<string[]> {
  return (await filesBelow(store)).filter((path) => path.split("/")[1] === "backups");
}

const idOf = (path: string): string => path.split("/")[2]!;

/** Damages one file of one backup, and holds what is then said of all of them against it. */
function damaging(
  harm: (trial: Trial, path: string, bytes: Buffer) => Promise<string>,
): (trial: Trial) => Promise<void> {
  return async (trial) => {
    const path = trial.random.pick(await backupFiles(trial));
    const what = await harm(trial, join(trial.store, path), await readFile(join(trial.store, path)));
    trial.notes.push(`${what} of ${path}`);
    const damaged = new Set([idOf(path)]);
    await judge(trial, { damaged, restore: (id) => damaged.has(id) || trial.random.chance(0.15) });
  };
}

export const flip: (trial: Trial) => Promise<void> = damaging(async ({ random }, path, bytes) => {
  const [at, bit] = [random.below(bytes.length), random.below(8)];
  bytes[at]! ^= 1 << bit;
  await writeFile(path, bytes);
  return `flipped bit ${bit} of byte ${at}`;
});

export const cutOff: (trial: Trial) => Promise<void> = damaging(async ({ random }, path, bytes) => {
  const left = random.chance(0.2) ? 0 : random.below(bytes.length);
  await truncate(path, left);
  return `left ${left} of ${bytes.length} bytes`;
});

export const append: (trial: Trial) => Promise<void> = damaging(async ({ random }, path, bytes) => {
  const added = random.chance(0.5)
    ? bytes
    : Buffer.alloc(1 + random.below(5000), random.pick([0, 32, 10, 255]));
  await writeFile(path, Buffer.concat([bytes, added]));
  return `appended ${added.length} bytes${added === bytes ? " (itself)" : ` of ${added[0]}`}`;
});

/** A part of the file is zeros, or that of another place: what a torn write leaves. */
export const tear: (trial: Trial) => Promise<void> = damaging(async ({ random }, path, bytes) => {
  const length = 1 + random.below(Math.min(4096, bytes.length));
  const at = random.below(bytes.length - length + 1);
  const before = bytes.toString("latin1");
  if (random.chance(0.5)) bytes.fill(0, at, at + length);
  else bytes.copy(bytes, at, random.below(bytes.length - length + 1), undefined);
  if (before === bytes.toString("latin1")) bytes[at]! ^= 1;
  await writeFile(path, bytes);
  return `tore ${length} bytes at ${at}`;
});

export const remove: (trial: Trial) => Promise<void> = damaging(async (_, path) => {
  await rm(path);
  return "deleted all";
});

/** Two objects of two backups change places: each is whole, and neither is where it belongs. */
export async function exchange(trial: Trial): Promise<void> {
  const files = await backupFiles(trial);
  const one = trial.random.pick(files);
  const other = trial.random.pick(
    files.filter((path) => idOf(path) !== idOf(one) && path.endsWith(one.split("/").at(-1)!)),
  );
  const [a, b] = [join(trial.store, one), join(trial.store, other)];
  const same = (await readFile(a)).equals(await readFile(b));
  const both = trial.random.chance(0.5);
  if (both) {
    await rename(a, `${a}.moved`);
    await rename(b, a);
    await rename(`${a}.moved`, b);
  } else await copyFile(a, b);
  trial.notes.push(`${both ? "exchanged" : "copied"} ${one} and ${other}`);
  const damaged = new Set(same ? [] : both ? [idOf(one), idOf(other)] : [idOf(other)]);
  await judge(trial, { damaged, restore: (id) => damaged.has(id) });
}

type Json = Record<string, unknown>;

/** A manifest with another value somewhere, its checksum mended by somebody who knows how, or not. */
export async function edit(trial: Trial): Promise<void> {
  const { random } = trial;
  const path = random.pick((await backupFiles(trial)).filter((file) => file.endsWith("manifest.json")));
  const file = join(trial.store, path);
  const manifest = JSON.parse(await readFile(file, "utf8")) as Json;
  const mended = random.chance(0.5);
  // With a mended checksum only what the data itself contradicts can be found out.
  const roots = mended
    ? [["contents", "tables"], ["contents", "sequences"], ["contents", "largeObjects"], ["files"]]
    : [[]];
  const root = random.pick(roots).reduce<unknown>((value, key) => (value as Json)[key], manifest);
  const [place, key] = random.pick(
    leaves(root as Json).filter(([at, name]) => !mended || isJudged(at, name)),
  );
  const before = place[key];
  place[key] = changed(before, random.below(1000));
  trial.notes.push(
    `edited ${key} of ${path} from ${JSON.stringify(before)} to ${JSON.stringify(place[key])}, checksum ${mended ? "mended" : "left"}`,
  );
  const { checksum: _, ...rest } = manifest;
  const text = mended
    ? manifests.renderManifest(manifests.completeManifest(rest as never))
    : JSON.stringify(manifest, undefined, 2);
  await writeFile(file, text);
  const id = idOf(path);
  if (mended) await judgeForged(trial, id);
  else await judge(trial, { damaged: new Set([id]), restore: (each) => each === id });
}

/** Its bytes are what was stored, and verify rightly says so; only a restore can tell, and must. */
async function judgeForged(trial: Trial, id: string): Promise<void> {
  const into = `forged_${trial.seed}`;
  const { code, json } = await run(trial, "restore", id, "--into", into);
  if (code === 0 || json.validated === true)
    trial.lies.push(`restore validated ${id} against other content than it has`);
  for (const name of [into, json.database]) if (typeof name === "string") await drop(trial.world, name);
}

/**
 * What data can contradict. The bytes of a table are told and not judged, its rows and their hash are; and one part is
 * one part, however long it might have been.
 */
function isJudged(place: Json, key: string): boolean {
  return key !== "partBytes" && !("rows" in place && key === "bytes");
}

/** Every value that is no object, and where it stands. */
function leaves(node: Json): [Json, string][] {
  return Object.entries(node).flatMap(([key, value]) =>
    typeof value === "object" && value !== null ? leaves(value as Json) : [[node, key] as [Json, string]],
  );
}

function changed(value: unknown, by: number): unknown {
  if (typeof value === "number") return value + 1 + by;
  if (typeof value === "boolean") return !value;
  const text = String(value);
  if (/^\d+$/.test(text)) return String(BigInt(text) + BigInt(1 + by));
  const at = by % Math.max(1, text.length);
  return `${text.slice(0, at)}${text[at] === "a" ? "b" : "a"}${text.slice(at + 1)}`;
}
