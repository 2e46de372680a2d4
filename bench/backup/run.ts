import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { mustRun } from "@seakeep/test/dist/stack/index.js";
import { type Budget, judge, LIMITS } from "../budgets.ts";
import { type Spread, spread } from "../harness/stats.ts";
import type { Run, Section } from "../report.ts";
import { inWorld, type Outcome, type World } from "./world.ts";

const PUT = fileURLToPath(new URL("put.js", import.meta.url));
const MIB = 1024 * 1024;
/** Raw dumps of one run further apart than this, slowest over fastest, say that the machine was too busy for any verdict. */
const CONTROL = 1.15;
const ROUNDS = 3;

/** One way of doing it, and what each round of it cost over the base of that round. */
interface Figure {
  readonly what: string;
  readonly costs: readonly Outcome[];
  readonly ratio: Spread;
}

/** Backs up and restores one database in the ways a user would, taking turns. Some ten minutes on an idle machine. */
export function backup(run: Run): Promise<Section> {
  const rows = `rows=${run.quick ? 0.1 : 1}`;
  return inWorld(run, "database.sql", [rows], (world) => measure(world, run.quick ? 1 : ROUNDS));
}

async function measure(world: World, rounds: number): Promise<Section> {
  const { step, create, env } = world;
  const plain = Number((await step("its size", "pg_dump -Fp | wc -c")).stdout);
  const raw = () => step("raw dump", "pg_dump -Fp >/dev/null");
  const [raws, ones, twos]: Outcome[][] = [[await raw()], [], []];
  for (let round = 1; round <= rounds; round++) {
    ones!.push(await create(`seakeep backup create, ${round} of ${rounds}`));
    twos!.push(await create(`the same with --jobs 4, ${round} of ${rounds}`, "--jobs", "4"));
    raws!.push(await raw());
  }
  const put = [process.execPath, PUT, world.endpoint, world.bucket, "shell.dump"];
  const shell = await step("the shell way", 'pg_dump -Fc | "$@"', ...put);

  const file = join(world.scratch.folder, "bare.dump");
  await mustRun(world.scratch, { command: "pg_dump", args: ["-Fc", "-Z1", "-f", file], env });
  const { id } = JSON.parse(ones![0]!.stdout) as { id: string };
  const alone = await bareRestore(world, file, 1);
  const [bare, restored]: Outcome[][] = [[], []];
  for (let round = 1; round <= Math.min(rounds, 2); round++) {
    bare!.push(await bareRestore(world, file, 2));
    restored!.push(await world.restore("seakeep restore", id, "restored"));
    await drop(world, "restored");
  }

  // A raw dump stands before and after each round: their mean is what the round is compared with.
  const around = ones!.map((_, round) => (raws![round]!.wall + raws![round + 1]!.wall) / 2);
  const mean = raws!.reduce((sum, { wall }) => sum + wall, 0) / raws!.length;
  const best = Math.min(alone.wall, spread(bare!.map(({ wall }) => wall)).median);
  const figure = (what: string, costs: readonly Outcome[], base: (round: number) => number): Figure => ({
    ...{ what, costs },
    ratio: spread(costs.map(({ wall }, round) => wall / base(round))),
  });
  const [one, two, back] = [
    figure("seakeep backup create", ones!, (round) => around[round]!),
    figure("seakeep backup create --jobs 4", twos!, (round) => around[round]!),
    figure("seakeep restore", restored!, () => best),
  ];
  const figures: Figure[] = [
    figure("pg_dump -Fp >/dev/null", raws!, () => mean),
    ...[one, two],
    figure("pg_dump -Fc | S3 multipart", [shell], () => around.at(-1)!),
    figure("pg_restore -j1", [alone], () => best),
    figure("pg_restore -j2", bare!, () => best),
    back,
  ];
  const dumps = raws!.map(({ wall }) => wall);
  const trusted = Math.max(...dumps) / Math.min(...dumps) <= CONTROL;
  const peak = Math.max(...[...ones!, ...twos!, ...restored!].map(({ held }) => held)) / MIB;
  return {
    name: "Backup and restore",
    note: `A database of ${(plain / 1e6).toFixed(0)} MB as \`pg_dump -Fp\` writes it. Medians of ${rounds} rounds, wall and CPU in seconds; the ratio is to the raw dumps around it, or to the best bare restore.`,
    tables: [
      {
        columns: [
          "",
          "wall s",
          "ratio",
          "lowest to highest",
          "client CPU s",
          "peak memory, MiB",
          "sum of RSS",
        ],
        rows: figures.map(({ what, costs, ratio }) => [
          ...[what, middle(costs, "wall").toFixed(1), ratio.median.toFixed(2)],
          `${ratio.low.toFixed(2)} to ${ratio.high.toFixed(2)}`,
          ...[middle(costs, "cpu").toFixed(1), peakOf(costs, "held"), peakOf(costs, "rss")],
        ]),
      },
    ],
    figures,
    budgets: [
      budget("seakeep backup create / raw dump", LIMITS.createOverRaw, one.ratio, trusted),
      budget("seakeep backup create --jobs 4 / raw dump", LIMITS.parallelOverRaw, two.ratio, trusted),
      budget("seakeep restore / best bare pg_restore", LIMITS.restoreOverBare, back.ratio, trusted),
      // Memory does not depend on how busy the machine is.
      budget("peak memory of the command, MiB", LIMITS.backupMemory, spread([peak]), true),
    ],
  };
}

async function bareRestore(world: World, file: string, jobs: number): Promise<Outcome> {
  const line = 'pg_restore -j "$1" -d bare "$2"';
  await world.postgres.createDatabase("bare");
  const cost = await world.step(`pg_restore -j${jobs}`, line, `${jobs}`, file);
  await drop(world, "bare");
  return cost;
}

/** One database at a time: autovacuum of another would weigh on the next. */
async function drop({ scratch, env }: World, database: string): Promise<void> {
  await mustRun(scratch, { command: "dropdb", args: ["--force", database], env });
}

function budget(what: string, atMost: number, measured: Spread, trusted: boolean): Budget {
  const format = (value: number) => value.toFixed(2);
  return { what, atMost, measured, verdict: judge(measured, atMost, trusted), format };
}

function middle(costs: readonly Outcome[], key: "wall" | "cpu"): number {
  return spread(costs.map((cost) => cost[key])).median;
}

function peakOf(costs: readonly Outcome[], key: "held" | "rss"): string {
  return (Math.max(...costs.map((cost) => cost[key])) / MIB).toFixed(0);
}
