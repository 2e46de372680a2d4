import { SeakeepError } from "@seakeep/contract";
import type { Finding } from "../evidence.ts";
import type { Statements, Surroundings } from "../settings.ts";
import { fillCommand, isVersion } from "../words.ts";
import type { Recorded, RecordedDeploy } from "./deploys.ts";

/** A deploy that is longer ago is not what harms the service now, unless the operator says so. Milliseconds. */
const RECENT = 24 * 3_600_000;

/** Whether a deploy came before the trouble: by what the operator says, else by the newest record. */
export function judgeDeploy(
  { since, noDeploy }: Statements,
  recorded: Recorded,
  now: Date,
): Finding<"deploy"> {
  if (noDeploy) return { answer: "none", saw: "the operator says so" };
  if (since !== undefined) return { answer: "made", saw: `at ${since.toISOString()}, says the operator` };
  if (typeof recorded === "string") return { answer: "unknown", saw: recorded };
  if (!isRecent(recorded, now))
    return {
      answer: "none",
      saw: `the last was ${recorded.version} at ${recorded.at.toISOString()}, more than a day ago`,
    };
  return {
    answer: "made",
    saw: `${recorded.version} at ${recorded.at.toISOString()}, by the record of releases`,
  };
}

/** Whether it is recent enough to be the cause. */
export function isRecent({ at }: RecordedDeploy, now: Date): boolean {
  return now.getTime() - at.getTime() <= RECENT;
}

/** Whether the version before can be deployed. Exit code 1 of `available` says no; any other but 0 says nothing. */
export async function lookAtPrevious(
  { ops, run }: Pick<Surroundings, "ops" | "run">,
  previous: string | undefined,
  current: string | undefined,
): Promise<Finding<"previous">> {
  const { app } = ops.rollback;
  if (app === undefined) return { answer: "gone", saw: "nothing is configured that deploys a version" };
  if (previous === undefined) return { answer: "unknown", saw: "nobody says which it was" };
  if (!isVersion(previous))
    throw new SeakeepError(
      "SK-ROLLBACK-001",
      `${JSON.stringify(previous.slice(0, 80))} may not be a version.`,
    );
  if (app.available === undefined)
    return { answer: "known", saw: `${previous}; nothing is configured that looks for it` };
  const code = await run(fillCommand(app.available, { previous, current }));
  if (code === 0) return { answer: "known", saw: `${previous}, and it is there` };
  if (code === 1) return { answer: "gone", saw: `${previous} is no longer there` };
  return {
    answer: "unknown",
    saw: `whether ${previous} is there: the command that looks ended with ${code ?? "a signal"}`,
  };
}
