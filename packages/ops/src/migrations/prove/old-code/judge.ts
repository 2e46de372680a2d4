import { BEFORE, type Bench, WORK } from "../bench.ts";
import { openClient } from "../client.ts";
import type { VisibleChange } from "../visible.ts";
import { listText } from "../words.ts";
import { tryCommand } from "./command.ts";
import { type OldCodeEvidence, together } from "./evidence.ts";
import { tryStatements } from "./statements.ts";

/** Name of the copy that a program may do what it likes with. */
const AFTER = "seakeep_after";

/** Does the previous release run on the new schema? By trying it, else by there being no change that it could notice. */
export async function judgeOldCode(
  bench: Bench,
  visible: readonly VisibleChange[],
): Promise<OldCodeEvidence> {
  const { databases, role, statementTimeout, signal, oldCode } = bench;
  const tried: OldCodeEvidence[] = [];
  if (oldCode.statements.length > 0) {
    const open = (name: string) => openClient(databases.connection(name), { role, statementTimeout });
    const before = await open(BEFORE);
    const after = await open(WORK);
    try {
      for (const file of oldCode.statements) tried.push(await tryStatements(file, before, after));
    } finally {
      await before.close();
      await after.close();
    }
  }
  if (oldCode.command !== undefined) {
    await databases.copy(WORK, AFTER);
    try {
      const [old, now] = [databases.connection(BEFORE), databases.connection(AFTER)];
      tried.push(await tryCommand(oldCode.command, old, now, signal));
    } finally {
      await databases.drop(AFTER);
    }
  }
  const seen = lookedAt(visible);
  const { runs, evidence } = together(tried);
  // What cannot be noticed needs no trial; what can be noticed is decided by one.
  if (visible.length === 0 && runs !== "no") return { runs: "yes", evidence: [...seen, ...evidence] };
  return { runs, evidence: [...evidence, ...seen] };
}

function lookedAt(visible: readonly VisibleChange[]): readonly string[] {
  if (visible.length === 0) return ["an old statement can notice no change"];
  return [`an old statement can notice that ${listText(visible.map(({ what }) => what))}`];
}
