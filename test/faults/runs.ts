import { rm } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";
import { type Baseline, makeBaseline, openTrial } from "./baseline.ts";
import { KINDS } from "./kinds/index.ts";
import { randomOf } from "./random.ts";
import { judgeSurroundings, look, tidy } from "./surroundings.ts";
import { openWorld, type World } from "./world.ts";

/** What became of one seed. */
export interface Verdict {
  readonly seed: number;
  readonly kind: string;
  readonly lies: readonly string[];
  readonly notes: readonly string[];
  readonly seconds: number;
}

/** Servers and baselines, for as many runs as wanted, one after the other. */
export interface Runs {
  readonly world: World;
  readonly baselines: readonly Baseline[];
  run(seed: number, kind?: string): Promise<Verdict>;
  close(): Promise<void>;
}

export async function openRuns(): Promise<Runs> {
  const world = await openWorld();
  try {
    const baselines = [
      await makeBaseline(world, { sealed: false, jobs: 1 }),
      await makeBaseline(world, { sealed: true, jobs: 3 }),
      await makeBaseline(world, { sealed: false, jobs: 2 }),
    ];
    return {
      ...{ world, baselines },
      run: (seed, kind = kindOf(seed)) => runOne(world, baselines, seed, kind),
      close: world.close,
    };
  } catch (error) {
    await world.close();
    throw error;
  }
}

/** The kind that a seed stands for. */
function kindOf(seed: number): string {
  const shares = Object.entries(KINDS).flatMap(([kind, { weight }]) => Array<string>(weight).fill(kind));
  return randomOf(`kind ${seed}`).pick(shares);
}

async function runOne(
  world: World,
  baselines: readonly Baseline[],
  seed: number,
  kind: string,
): Promise<Verdict> {
  const begun = performance.now();
  const folder = join(world.scratch.folder, `trial-${seed}`);
  const trial = await openTrial(world, { folder, seed, kind }, baselines);
  const before = await look(world);
  world.s3.reset();
  try {
    await KINDS[kind]!.run(trial);
    await judgeSurroundings(trial, before);
  } catch (error) {
    // A trial that could not be judged is no trial that found nothing.
    trial.lies.push(`the trial itself failed: ${inspect(error)}`);
  } finally {
    process.chdir(world.scratch.folder);
    await rm(folder, { recursive: true, force: true });
    await tidy(world, before);
  }
  const { lies, notes } = trial;
  return { seed, kind, lies, notes, seconds: (performance.now() - begun) / 1000 };
}
