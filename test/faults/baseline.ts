import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { randomOf } from "./random.ts";
import { run, start, type Trial, urlOfFolder } from "./trial.ts";
import type { World } from "./world.ts";

/** A store with two good backups of unlike content, the first of them proven. Each trial gets a copy. */
export interface Baseline {
  readonly store: string;
  readonly sealed: boolean;
  readonly known: ReadonlyMap<string, string>;
}

/** Makes one; a failure here is no lie but the end. */
export async function makeBaseline(
  world: World,
  how: { readonly sealed: boolean; readonly jobs: number },
): Promise<Baseline> {
  const { sealed, jobs } = how;
  const folder = join(world.scratch.folder, sealed ? `baseline-${jobs}-sealed` : `baseline-${jobs}`);
  const trial = await openTrial(world, { folder, seed: 0, kind: "baseline", ...how });
  const content = await world.nextVersion();
  const begun = performance.now();
  const first = await start(trial, "backup", "create").ended;
  world.duration = performance.now() - begun;
  const next = await world.nextVersion();
  const second = await run(trial, "backup", "create");
  const proven = await run(trial, "restore", String(first.json.id), "--into", "baseline");
  for (const { code, stderr } of [first, second, proven]) if (code !== 0) throw new Error(stderr);
  await world.source.query("drop database baseline with (force)");
  const known = new Map([
    [String(first.json.id), content],
    [String(second.json.id), next],
  ]);
  return { store: trial.store, sealed, known };
}

/** A trial of a seed, with its own copy of a baseline. Its chances depend on seed and kind alone. */
export async function openTrial(
  world: World,
  given: {
    readonly folder: string;
    readonly seed: number;
    readonly kind: string;
    readonly sealed?: boolean;
    readonly jobs?: number;
  },
  baselines: readonly Baseline[] = [],
): Promise<Trial> {
  const { folder, seed, kind } = given;
  const random = randomOf(`${seed} ${kind}`);
  const [store, temporary] = [join(folder, "store"), join(folder, "tmp")];
  await mkdir(temporary, { recursive: true });
  const baseline = baselines.length > 0 ? random.pick(baselines) : undefined;
  const jobs = given.jobs ?? random.pick([1, 1, 2, 3]);
  if (baseline) await cp(baseline.store, store, { recursive: true, preserveTimestamps: true });
  return {
    ...{ seed, kind, random, world, folder, store, temporary },
    url: urlOfFolder(store),
    database: world.url,
    sealed: given.sealed ?? baseline?.sealed ?? false,
    known: new Map(baseline?.known),
    jobs,
    notes: [...(baseline?.sealed ? ["sealed"] : []), ...(jobs > 1 ? [`${jobs} jobs`] : [])],
    ...{ lies: [], outputs: [] },
  };
}
