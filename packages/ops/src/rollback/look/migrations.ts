import type { Migration } from "../../migrations/migration.ts";
import type { ProvenMigration } from "../../migrations/proof.ts";
import type { Finding } from "../evidence.ts";
import type { Held } from "../migrations/held.ts";
import { heldText } from "../migrations/revert.ts";

/** A migration that was applied since the version before, and what is known of it. */
export interface Between {
  readonly name: string;
  /** Absent: its file is gone. */
  readonly migration?: Migration;
  /** Of this very text. */
  readonly proof?: ProvenMigration;
  /** What its down SQL would drop; `undefined`: that cannot be seen or counted. */
  readonly held?: readonly Held[];
}

/** Whether the version before runs on the schema as it is, by what is proven of each migration since. */
export function judgeSchema(between: readonly Between[]): Finding<"schema"> {
  if (between.length === 0) return { answer: "unchanged", saw: "no migration was applied in between" };
  const which = (is: (proof: ProvenMigration | undefined) => boolean) =>
    between.filter(({ proof }) => is(proof)).map(({ name }) => name);
  const breaking = which((proof) => proof?.facts.oldCodeRuns === "no");
  if (breaking.length > 0) return { answer: "breaks", saw: `it does not run after ${breaking.join(", ")}` };
  const open = which((proof) => proof?.facts.oldCodeRuns !== "yes");
  if (open.length > 0) return { answer: "unknown", saw: `not proven of ${open.join(", ")}` };
  return { answer: "fits", saw: `proven to run after ${between.map(({ name }) => name).join(", ")}` };
}

/** Whether the migrations since can be taken back without a loss. One that cannot decides for all. */
export function judgeDown(between: readonly Between[]): Finding<"down"> {
  const names = (some: readonly Between[]) => some.map(({ name }) => name).join(", ");
  if (between.length === 0) return { answer: "lossless", saw: "there is nothing to take back" };
  const stuck = between.filter(
    ({ migration, proof }) => (migration && !migration.down) || proof?.facts.downRestores === "no",
  );
  if (stuck.length > 0) return { answer: "impossible", saw: `no way back from ${names(stuck)}` };
  const open = between.filter(({ proof }) => proof?.facts.downRestores !== "yes");
  if (open.length > 0) return { answer: "unknown", saw: `not proven of ${names(open)}` };
  const uncounted = between.filter(({ held }) => held === undefined);
  if (uncounted.length > 0)
    return { answer: "unknown", saw: `what ${names(uncounted)} would drop cannot be counted` };
  const held = between.flatMap((one) => one.held!).filter(({ rows }) => rows > 0);
  if (held.length > 0) return { answer: "loses", saw: heldText(held) };
  return {
    answer: "lossless",
    saw: `${names(between)}: proven to restore, and what is dropped holds nothing`,
  };
}
