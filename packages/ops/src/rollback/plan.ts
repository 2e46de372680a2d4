import { createHash } from "node:crypto";
import { SeakeepError } from "@seakeep/contract";
import type { Rollback } from "./declaration.ts";
import type { Decision } from "./matrix.ts";
import { fillCommand, isMigrationName, isVersion } from "./words.ts";

export type StepKind = "hold" | "copy" | "beside" | "swap" | "revert" | "app" | "release" | "look";

/** One command of a plan, and all that whoever types it has to know. */
export interface Step {
  readonly kind: StepKind;
  /** The one that it takes back. */
  readonly migration?: string;
  /** What it does, a sentence. */
  readonly does: string;
  readonly command: readonly string[];
  /** Ends with 0 when the step is done. */
  readonly check: { readonly command: readonly string[]; readonly see: string };
  /** Without a command there is nothing to take back. */
  readonly back: { readonly command?: readonly string[]; readonly does: string };
  /** True: what it loses is counted before it is asked for, and its confirmation names it. */
  readonly loses?: true;
}

/** What a plan is made from. All of it was looked up; none of it changes from one advice to the next by itself. */
export interface PlanFacts {
  readonly rollback: Rollback;
  /** Passed on to every verb: `--config`, as it was given. */
  readonly options: readonly string[];
  /** Passed on to what restores: `--identity`. */
  readonly identity: readonly string[];
  readonly deployed: boolean;
  readonly current?: string | undefined;
  readonly previous?: string | undefined;
  /** A version that mends it. */
  readonly fix?: string | undefined;
  /** Migrations to take back, newest first. */
  readonly revert: readonly string[];
  readonly database?: { readonly name: string; readonly fingerprint: string } | undefined;
  readonly backup?: { readonly id: string; readonly into: string } | undefined;
}

const PLANS: Readonly<Record<Decision, (facts: PlanFacts) => readonly Step[]>> = {
  wait: () => [],
  "find-out": () => [],
  "roll-forward": (facts) => (facts.fix === undefined ? [] : [app(facts, facts.fix), look(facts)]),
  "roll-back-app": (facts) => [app(facts, facts.previous), look(facts)],
  "revert-migration-then-app": (facts) => [...reverts(facts), app(facts, facts.previous), look(facts)],
  "restore-database": (facts) => [
    hold(facts),
    copy(facts),
    beside(facts),
    swap(facts),
    // Writes are still held: the version that damaged the data cannot do so again before it is gone.
    ...(facts.deployed ? [app(facts, facts.previous)] : []),
    release(facts),
    look(facts),
  ],
};

/**
 * The exact commands that a decision asks for, in order.
 *
 * @throws {SeakeepError} `SK-ROLLBACK-001` for a version or migration that may not stand in a command, `-002` for one
 * that is missing.
 */
export function planFor(decision: Decision, facts: PlanFacts): readonly Step[] {
  for (const version of [facts.current, facts.previous, facts.fix]) {
    if (version !== undefined && !isVersion(version)) throw unusable("version", version);
  }
  for (const name of facts.revert) if (!isMigrationName(name)) throw unusable("migration", name);
  return PLANS[decision](facts);
}

/** First 12 hex digits of the SHA-256 of all commands: confirms this very plan and no other. */
export function fingerprintOf(decision: Decision, steps: readonly Step[]): string {
  const text = JSON.stringify([decision, ...steps.map(({ command, check, back }) => [command, check, back])]);
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}

function unusable(what: string, value: string): SeakeepError {
  return new SeakeepError(
    "SK-ROLLBACK-001",
    `${JSON.stringify(value.slice(0, 80))} may not stand in a command as a ${what}.`,
  );
}

/** A command of Seakeep itself. */
function seakeep({ options }: PlanFacts, ...words: readonly string[]): readonly string[] {
  return ["seakeep", ...words, ...options];
}

function app(facts: PlanFacts, to: string | undefined): Step {
  const { rollback, current } = facts;
  if (rollback.app === undefined)
    throw new SeakeepError("SK-ROLLBACK-002", "Nothing is configured that deploys a version.");
  const { command, check } = rollback.app;
  return {
    kind: "app",
    does: `Deploys ${to ?? "the version before"}.`,
    command: fillCommand(command, { previous: to, current }),
    check:
      check === undefined
        ? { command: seakeep(facts, "check"), see: "Every check passes." }
        : {
            command: fillCommand(check, { previous: to, current }),
            see: `It ends with 0: ${to ?? "it"} is what runs.`,
          },
    back: wayBack(command, { to, current }),
  };
}

function wayBack(
  command: readonly string[],
  { to, current }: { readonly to: string | undefined; readonly current: string | undefined },
): Step["back"] {
  const again = `Deploys ${current ?? "the version that runs now"} again.`;
  const names = command.some((word) => word.includes("{previous}"));
  if (!names || current === undefined) return { does: `${again} Use what deployed it.` };
  return { does: again, command: fillCommand(command, { previous: current, current: to }) };
}

/** One migration a step, newest first: cut off anywhere, what is left to do can be told. */
function reverts(facts: PlanFacts): readonly Step[] {
  const { revert, rollback } = facts;
  const { migrate } = rollback;
  // The project's own tool does not look whether what it drops has been filled meanwhile.
  const before = migrate === undefined ? [] : [copy(facts)];
  const steps = revert.map((name): Step => {
    const values = { ...facts, migration: name, count: "1" };
    const [verb, undo] = [seakeep(facts, "rollback", "revert", name), ["--undo"]];
    return {
      kind: "revert",
      migration: name,
      does:
        migrate === undefined
          ? `Takes ${name} back by its down SQL, in one transaction that drops nothing that holds data.`
          : `Takes ${name} back with the project's own migration tool.`,
      command: migrate === undefined ? verb : fillCommand(migrate.down, values),
      check: { command: [...verb, "--check"], see: `${name} is no longer recorded as applied.` },
      back: {
        does: `Applies ${name} again.`,
        command: migrate === undefined ? [...verb, ...undo] : fillCommand(migrate.up, values),
      },
    };
  });
  return [...before, ...steps];
}

function hold(facts: PlanFacts): Step {
  return {
    kind: "hold",
    does: "Makes the database read-only for its applications, so that the damage ends and nothing more is written that would be lost.",
    command: seakeep(facts, "rollback", "writes", "hold"),
    check: { command: seakeep(facts, "rollback", "writes", "hold", "--check"), see: "Writes are held." },
    back: { does: "Lets writes in again.", command: seakeep(facts, "rollback", "writes", "release") },
  };
}

function release(facts: PlanFacts): Step {
  return {
    kind: "release",
    does: "Lets writes in again.",
    command: seakeep(facts, "rollback", "writes", "release"),
    check: { command: seakeep(facts, "rollback", "writes", "release", "--check"), see: "Writes are let in." },
    back: { does: "Holds them again.", command: seakeep(facts, "rollback", "writes", "hold") },
  };
}

function copy(facts: PlanFacts): Step {
  return {
    kind: "copy",
    does: "Backs the database up as it is: whatever is given up later can be brought back from it.",
    command: seakeep(facts, "backup", "create"),
    check: { command: seakeep(facts, "backup", "verify", "latest"), see: "The newest backup is sound." },
    back: { does: "Nothing to take back: one backup more." },
  };
}

function beside(facts: PlanFacts): Step {
  const { id, into } = backupOf(facts);
  return {
    kind: "beside",
    does: `Restores ${id} beside the database as ${into}, and compares it with what was backed up.`,
    command: [...seakeep(facts, "restore", id, "--into", into), ...facts.identity],
    check: {
      command: seakeep(facts, "rollback", "loss", id),
      see: "It says what swapping would lose, row by row.",
    },
    back: { does: `Nothing to take back: it stands beside. Drop the database ${into} when all is well.` },
  };
}

function swap(facts: PlanFacts): Step {
  const { id, into } = backupOf(facts);
  const { name, fingerprint } = facts.database!;
  const confirm = `--confirm=${name}@${fingerprint}`;
  return {
    kind: "swap",
    does: `Puts ${into} in the place of ${name}, which is kept under another name.`,
    command: [...seakeep(facts, "restore", id, "--swap", "--into", into, confirm), ...facts.identity],
    check: {
      command: seakeep(facts, "rollback", "loss", id, "--swapped"),
      see: "The database that was replaced is kept, and what it has more is counted.",
    },
    back: {
      does: `Puts ${name} back as it was before; what was written meanwhile is kept under another name.`,
      command: seakeep(facts, "restore", id, "--undo", confirm),
    },
    loses: true,
  };
}

function look(facts: PlanFacts): Step {
  const command = seakeep(facts, "check");
  return {
    kind: "look",
    does: "Looks whether the service is well.",
    command,
    check: { command, see: "Every check passes." },
    back: { does: "Nothing to take back: it only looks." },
  };
}

function backupOf({ backup, database }: PlanFacts): NonNullable<PlanFacts["backup"]> {
  if (backup !== undefined && database !== undefined) return backup;
  throw new SeakeepError("SK-ROLLBACK-002", "Nothing says which backup is to be restored, and where.");
}
