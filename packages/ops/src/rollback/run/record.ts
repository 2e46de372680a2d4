import * as v from "valibot";
import { append, type ChainKind, type Linked } from "../../backup/chain.ts";
import { serviceFolder } from "../../backup/layout.ts";
import type { Store } from "../../backup/stores/store.ts";
import { shown } from "../words.ts";
import type { RunResult } from "./run.ts";

/** What was decided and done, for whoever asks later. Each carries the hash of the one before it. */
export interface RollbackRecord extends Linked {
  readonly format: 1;
  readonly service: string;
  readonly tool: string;
  readonly by: string;
  readonly decision: string;
  readonly because: string;
  readonly fingerprint: string;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly endedAt: string;
  readonly outcome: RunResult["outcome"];
  readonly problem?: string;
  /** What was confirmed to be lost. */
  readonly lost?: string;
  readonly steps: readonly { readonly command: string; readonly state: string; readonly at?: string }[];
}

const SCHEMA: v.GenericSchema<unknown, RollbackRecord> = v.object({
  format: v.literal(1),
  number: v.pipe(v.number(), v.integer(), v.minValue(1)),
  previous: v.nullable(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))),
  ...{ service: v.string(), tool: v.string(), by: v.string(), decision: v.string(), because: v.string() },
  ...{ fingerprint: v.string(), startedAt: v.string(), endedAt: v.string() },
  outcome: v.picklist(["done", "failed", "stopped", "aborted"]),
  problem: v.exactOptional(v.string()),
  lost: v.exactOptional(v.string()),
  steps: v.array(v.object({ command: v.string(), state: v.string(), at: v.exactOptional(v.string()) })),
});

/** The chain of a service's rollbacks, beside its backups and drills. */
export const ROLLBACKS: ChainKind<RollbackRecord> = {
  folder: "rollbacks",
  letter: "r",
  noun: "record of a rollback",
  parse(text) {
    try {
      const { success, output } = v.safeParse(SCHEMA, JSON.parse(text));
      return success ? output : undefined;
    } catch {
      return undefined;
    }
  },
  render: (document) => `${JSON.stringify(document, undefined, 2)}\n`,
};

/** Stores what became of a run. @returns its name, such as `r000003` */
export async function recordRun(
  store: Store,
  { state, outcome, problem }: RunResult,
  { tool, by }: { readonly tool: string; readonly by: string },
): Promise<string> {
  const endedAt = (await store.now()).toISOString();
  const { service, decision, because, fingerprint, startedAt, lost, steps, progress } = state;
  const { link } = await append(
    store,
    serviceFolder(service),
    ROLLBACKS,
    (linked): RollbackRecord => ({
      format: 1,
      ...linked,
      ...{ service, tool, by, decision, because, fingerprint, startedAt, endedAt, outcome },
      ...(problem !== undefined && { problem }),
      ...(lost !== undefined && { lost }),
      steps: steps.map(({ command }, index) => {
        const { state: reached, at } = progress[index]!;
        return { command: shown(command), state: reached, ...(at !== undefined && { at }) };
      }),
    }),
    markdown,
  );
  return link.name;
}

function markdown(record: RollbackRecord, problems: readonly string[]): string {
  const { number, service, decision, because, by, startedAt, endedAt, outcome, problem, lost, steps } =
    record;
  return [
    `# Rollback ${number} of ${service}: ${outcome}\n`,
    `${because}\n`,
    `Decision: ${decision}. Begun ${startedAt}, ended ${endedAt}, by ${by}.${problem ? ` It failed: ${problem}.` : ""}${lost ? ` Confirmed: ${lost}.` : ""}\n`,
    ...steps.map(
      ({ command, state }, index) => `${index + 1}. ${state}: \`${command.replaceAll("`", "'")}\``,
    ),
    ...problems.map((text) => `\n**The chain before this is broken: ${text}**`),
    "",
  ].join("\n");
}
