import { NAMES } from "@seakeep/contract";
import type { Check, CheckContext } from "../check.ts";
import { Findings } from "../findings.ts";
import type { Evidence } from "../http.ts";
import { list, quote } from "../text.ts";
import { toldByHealth } from "./told.ts";

/** Answers looked at, each on a connection of its own: of two versions behind a load balancer one hides in few. */
const SAMPLES = 10;

/**
 * The version that answers is the one that was meant to be deployed, in every answer of the run that names one: of a
 * rollout that stopped halfway some do not. `--expect-version` adds it to the run.
 *
 * @param seen what the other checks of the run saw
 */
export function version(expected: string, seen: readonly Evidence[]): Check {
  return {
    kind: "version",
    name: "version",
    async run(context) {
      const findings = new Findings();
      const told = [...seen.flatMap(({ versions = [] }) => versions), ...(await sample(context, findings))];
      const others = told.filter((one) => one !== expected);
      if (told.length === 0) {
        const fix = `Set ${NAMES.environment.release} on the service, so that ${NAMES.paths.health} and the metrics tell it.`;
        findings.unsure("No answer told its version.", fix);
      } else if (others.length === told.length) {
        const fix = "Look at what the deploy did: it has not arrived.";
        findings.fail(`Version ${versions(others)} answers, not ${quote(expected)}.`, fix);
      } else if (others.length > 0) {
        const reason = `${others.length} of ${told.length} answers came from version ${versions(others)}, the others from ${quote(expected)}.`;
        findings.fail(reason, "Finish the rollout, or roll it back: both versions are serving.");
      }
      return findings.conclude(
        `${told.length} of ${told.length} answers came from version ${quote(expected)}.`,
      );
    },
  };
}

function versions(told: readonly string[]): string {
  return list([...new Set(told)].map(quote));
}

/** Asks until enough answers told their version, or the first tells none. */
async function sample({ send }: CheckContext, findings: Findings): Promise<string[]> {
  const told: string[] = [];
  for (let asked = 0; asked < SAMPLES; asked++) {
    const request = { path: NAMES.paths.health, alone: true, as: "for its version", tells: toldByHealth };
    const answer = findings.answer(await send(request));
    if (answer === undefined) break;
    const versions = toldByHealth(answer);
    if (versions.length === 0 && asked === 0) break;
    told.push(...versions);
  }
  return told;
}
