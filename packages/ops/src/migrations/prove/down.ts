import type { Migration } from "../migration.ts";
import type { Tried } from "../proof.ts";
import { type Application, apply } from "./apply.ts";
import { type Bench, readState, WORK } from "./bench.ts";
import { briefly, relationText } from "./evidence.ts";
import { differencesFrom, type State } from "./restored.ts";
import { openTracer } from "./trace.ts";

/** What became of a down migration. */
export interface Way {
  readonly application: Application;
  readonly restores: Tried;
  /** A sentence each, without full stop. */
  readonly evidence: readonly string[];
}

/** Name of the copy that goes down and up again. */
const TRIAL = "seakeep_trial";

/**
 * Goes down and up again on a copy of the work database: schema and data have to be back, and the migration has to be
 * good for a second time.
 */
export async function tryDown(bench: Bench, migration: Migration, before: State): Promise<Way> {
  const { databases, role, statementTimeout, signal } = bench;
  await databases.copy(WORK, TRIAL);
  const run = async (direction: "up" | "down") => {
    const tracer = await openTracer(databases.connection(TRIAL), { role, statementTimeout });
    try {
      return await apply(tracer, migration[direction]!, migration, signal);
    } finally {
      await tracer.close();
    }
  };
  try {
    const application = await run("down");
    if (application.failure !== undefined) {
      const { statement, message } = application.failure;
      return {
        application,
        restores: "no",
        evidence: [`the down migration fails at ${briefly(statement)}: ${message}`],
      };
    }
    const differences = differencesFrom(before, await readState(bench, TRIAL));
    const drops = dropEvidence(application);
    if (differences.length > 0) {
      const evidence = differences.map((line) => `the down migration does not restore what was: ${line}`);
      return { application, restores: "no", evidence: [...evidence, ...drops] };
    }
    const again = await run("up");
    if (again.failure !== undefined) {
      const { statement, message } = again.failure;
      const how = `after its down migration it cannot be applied again: ${briefly(statement)} fails: ${message}`;
      return { application, restores: "no", evidence: [how, ...drops] };
    }
    const back = "the down migration restores schema and data, and it can be applied again";
    return { application, restores: "yes", evidence: [back, ...drops] };
  } finally {
    await databases.drop(TRIAL);
  }
}

/** What the new release writes there is gone with it. */
function dropEvidence({ statements }: Application): readonly string[] {
  const tables = statements.flatMap(({ dropped }) =>
    dropped.filter(({ kind }) => kind === "table").map((table) => `table ${relationText(table)}`),
  );
  const columns = statements.flatMap(({ droppedColumns }) =>
    droppedColumns.map(({ table, column }) => `column ${relationText(table)}.${column}`),
  );
  return [...tables, ...columns].map(
    (what) => `the down migration drops ${what}, with whatever was written to it since`,
  );
}
