import { holdTo } from "../../backup/drill/expect.ts";
import type { Expectation } from "../../backup/drill/expectation.ts";
import type { Connection } from "../../postgres/connection.ts";
import type { Finding } from "../evidence.ts";

/** Holds the live data to what the drill expects of it, in read-only transactions. */
export async function lookAtData(
  connection: Connection,
  expectations: readonly Expectation[],
  signal: AbortSignal,
): Promise<Finding<"data">> {
  return judgeData(await holdTo(connection, expectations, signal));
}

/** Only an expectation that answers false tells of damage; one that cannot be asked tells nothing. */
export function judgeData(
  results: readonly { readonly name: string; readonly passed: boolean; readonly problem?: string }[],
): Finding<"data"> {
  const failing = results.filter(({ problem }) => problem === "it answered false");
  if (failing.length > 0) return { answer: "damaged", saw: `no longer so: ${names(failing)}` };
  const untold = results.filter(({ passed }) => !passed);
  if (untold.length > 0) return { answer: "unknown", saw: `cannot be told: ${names(untold)}` };
  if (results.length === 0) return { answer: "unknown", saw: "nothing is declared that it must hold" };
  return {
    answer: "sound",
    saw: `${results.length} expectation${results.length === 1 ? " holds" : "s hold"}`,
  };
}

function names(results: readonly { readonly name: string }[]): string {
  return results.map(({ name }) => name).join("; ");
}
