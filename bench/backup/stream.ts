import { judge, LIMITS } from "../budgets.ts";
import { spread } from "../harness/stats.ts";
import type { Run, Section } from "../report.ts";
import { inWorld, type Outcome } from "./world.ts";

const MIB = 1024 * 1024;
/** Rows of a megabyte each, and a tenth as many in a second table. */
const ROWS = 18_500;

/**
 * Backs up and restores 20 GB of rows from a real database, which keeps them compressed, and watches the memory. Some twenty minutes.
 */
export function stream(run: Run): Promise<Section> {
  const rows = run.quick ? ROWS / 100 : ROWS;
  return inWorld(run, "stream.sql", [`rows=${rows}`], async ({ create, restore, verify }) => {
    const one = await create("seakeep backup create --jobs 1", "--jobs", "1");
    const two = await create("seakeep backup create");
    const { id, plainBytes } = JSON.parse(one.stdout) as { id: string; plainBytes: number };
    const read = await verify("seakeep backup verify", id);
    const back = await restore("seakeep restore", id, "restored");
    const figures: [string, Outcome][] = [
      ["seakeep backup create --jobs 1", one],
      ["seakeep backup create", two],
      ["seakeep backup verify", read],
      ["seakeep restore", back],
    ];
    return {
      name: "Memory on a long stream",
      note: `A dump of ${(plainBytes / 1e9).toFixed(1)} GB, to S3 and back. Memory is what all processes of the command held at most, each page once; beside it the sum of their RSS, in which shared pages count for each.`,
      tables: [
        {
          columns: ["", "wall s", "peak memory, MiB", "sum of RSS"],
          rows: figures.map(([what, { wall, held, rss }]) => [
            ...[what, wall.toFixed(0), (held / MIB).toFixed(0), (rss / MIB).toFixed(0)],
          ]),
        },
      ],
      figures: figures.map(([what, { stdout: _, ...cost }]) => ({ what, ...cost })),
      budgets: figures.map(([what, { held }]) => {
        const measured = spread([held / MIB]);
        return {
          ...{ what: `${what}: peak memory, MiB`, atMost: LIMITS.backupMemory, measured },
          verdict: judge(measured, LIMITS.backupMemory),
          format: (value) => value.toFixed(0),
        };
      }),
    };
  });
}
