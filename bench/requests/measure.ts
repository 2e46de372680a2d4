import { Load } from "../harness/load.ts";
import { seeded, shuffled } from "../harness/random.ts";
import { ServerProcess } from "../harness/server-process.ts";
import { median } from "../harness/stats.ts";
import { fromMix } from "./mix.ts";
import { FRAMEWORKS, type Framework, VARIANTS, type Variant } from "./variants.ts";

/** How much to measure. */
export interface Effort {
  /** Times that every variant gets a fresh process. */
  readonly batches: number;
  /** Bursts that each process is measured for. */
  readonly rounds: number;
  /** Requests before the first burst, not measured: by then the code is optimised. */
  readonly warmUp: number;
}

/** One variant in one batch. */
export interface Measured {
  readonly framework: Framework;
  readonly variant: Variant;
  readonly batch: number;
  /** CPU per request over the mean of the two bare servers in the same round; the median of the rounds. */
  readonly ratio: number;
  /** CPU per request, microseconds; the median of the rounds. */
  readonly microseconds: number;
}

const CONNECTIONS = 10;
/** Any number; a fixed one, so that two runs take the same turns. */
const SEED = 20261123;

/** Measures all variants of all frameworks, in turn, several times over. */
export async function measure(effort: Effort, progress: (text: string) => void): Promise<Measured[]> {
  const random = seeded(SEED);
  const measured: Measured[] = [];
  for (let batch = 1; batch <= effort.batches; batch++) {
    for (const framework of Object.keys(FRAMEWORKS) as Framework[]) {
      progress(`requests: ${framework}, batch ${batch} of ${effort.batches}`);
      measured.push(...(await measureBatch(framework, batch, effort, random)));
    }
  }
  return measured;
}

interface Subject {
  readonly variant: Variant;
  readonly server: ServerProcess;
  readonly load: Load;
  /** Microseconds per request, one entry a round. */
  readonly rounds: number[];
}

/** All variants are alive at once and loaded in turn, briefly: a slow moment of the machine hits them alike. */
async function measureBatch(
  framework: Framework,
  batch: number,
  effort: Effort,
  random: () => number,
): Promise<Measured[]> {
  const { module, burst } = FRAMEWORKS[framework];
  const subjects: Subject[] = [];
  const inTurn = async (visit: (subject: Subject) => Promise<void>) => {
    for (const subject of shuffled(subjects, random)) await visit(subject);
  };
  try {
    for (const variant of VARIANTS) {
      const server = await ServerProcess.start(module, variant);
      subjects.push({ variant, server, load: new Load(server.port, CONNECTIONS), rounds: [] });
    }
    for (let sent = 0; sent < effort.warmUp; sent += burst) {
      await inTurn(({ load }) => load.send(burst, fromMix));
    }
    for (let round = 0; round < effort.rounds; round++) {
      await inTurn(async ({ server, load, rounds }) => {
        const before = await server.ask("cpu");
        await load.send(burst, fromMix);
        rounds.push(((await server.ask("cpu")) - before) / burst);
      });
    }
  } finally {
    for (const { load } of subjects) load.close();
    await Promise.all(subjects.map(({ server }) => server.stop()));
  }
  const [bare, control] = (["bare", "control"] as const).map(
    (name) => subjects.find(({ variant }) => variant === name)!.rounds,
  ) as [number[], number[]];
  const reference = bare.map((microseconds, round) => (microseconds + control[round]!) / 2);
  return subjects.map(({ variant, rounds }) => ({
    framework,
    variant,
    batch,
    ratio: median(rounds.map((microseconds, round) => microseconds / reference[round]!)),
    microseconds: median(rounds),
  }));
}
