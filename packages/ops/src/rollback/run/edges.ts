import { setTimeout as sleep } from "node:timers/promises";
import { SeakeepError } from "@seakeep/contract";
import { type BackupEntry, readCatalog } from "../../backup/catalog.ts";
import { serviceFolder } from "../../backup/layout.ts";
import { findDatabase, openMaintenance } from "../../backup/server/maintenance.ts";
import { swapNames } from "../../backup/swap-names.ts";
import type { Connection } from "../../postgres/connection.ts";
import { compareDatabases } from "../database/loss.ts";
import { readWrites } from "../database/writes.ts";
import { type Gathered, readHistory, readStanding } from "../gather.ts";
import { secondsSince, standsBeside } from "../look/loss.ts";
import { isApplied } from "../migrations/revert.ts";
import type { Step } from "../plan.ts";
import type { Surroundings } from "../settings.ts";
import { type Commands, isRunning } from "./command.ts";
import type { RunEdges } from "./run.ts";
import type { Basis, Progress, RunState } from "./state.ts";

/** How long the command of a killed run is waited for, milliseconds: longer than its guard takes to kill it. */
const SETTLES_WITHIN = 20_000;

/** The facts that the steps of a plan rest on. */
export function basisOf({ database, entry, into }: Gathered, restores: boolean): Basis {
  return {
    ...(database && { database: standing(database) }),
    ...(restores && entry?.manifest && into !== undefined && { backup: backupBasis(entry, into) }),
  };
}

function standing({
  name,
  system,
  applied,
}: NonNullable<Gathered["database"]>): NonNullable<Basis["database"]> {
  return { name, system, ...(applied !== undefined && { applied }) };
}

function backupBasis({ id, manifest }: BackupEntry, into: string): NonNullable<Basis["backup"]> {
  return { id, checksum: manifest!.checksum, into, snapshotAt: manifest!.snapshotAt };
}

type Own = Pick<RunEdges, "look" | "isDone" | "newestBackup" | "loss" | "command" | "settled">;

/** The edges of a run that touch the database, the store and the configured commands. */
export function runEdges(around: Surroundings, commands: Commands): Own {
  const { ops, connection, signal } = around;
  const catalog = async () => {
    if (ops.backup === undefined) return [];
    const store = await ops.backup.store.open({});
    try {
      return (await readCatalog(store, serviceFolder(ops.service.name), signal)).backups;
    } finally {
      await store.close();
    }
  };
  const entryOf = async ({ basis }: RunState) => {
    const entry = (await catalog()).find(({ id }) => id === basis.backup?.id);
    return entry?.state === "damaged" ? undefined : entry;
  };
  const connected = (): Connection => {
    if (connection !== undefined) return connection;
    throw new SeakeepError(
      "SK-BACKUP-002",
      "The service's database is not configured here, or its variable is not set.",
    );
  };
  return {
    async look(state) {
      const database = await readStanding(connection, await readHistory(around));
      const entry = state.basis.backup && (await entryOf(state));
      return {
        ...(database && { database: standing(database) }),
        ...(entry && { backup: backupBasis(entry, state.basis.backup!.into) }),
      };
    },
    isDone: (state, step, progress) =>
      PROBES[step.kind]({ around, commands, connected, catalog, state, step, progress, entryOf }),
    newestBackup: async () => (await catalog()).at(-1)?.sequence ?? 0,
    async loss(state) {
      const entry = await entryOf(state);
      const { into } = state.basis.backup!;
      const live = connected().database;
      const loss = await compareDatabases(connected(), { live, other: into, signal });
      return { loss, seconds: await secondsSince(connected(), entry!), database: live };
    },
    command: (words, onStart) => commands.run(words, onStart),
    async settled(group) {
      for (let waited = 0; isRunning(group) && waited < SETTLES_WITHIN; waited += 100)
        await sleep(100, undefined, { signal });
    },
  };
}

interface Probe {
  readonly around: Surroundings;
  readonly commands: Commands;
  readonly connected: () => Connection;
  readonly catalog: () => Promise<readonly BackupEntry[]>;
  readonly state: RunState;
  readonly step: Step;
  readonly progress: Progress;
  readonly entryOf: (state: RunState) => Promise<BackupEntry | undefined>;
}

/** How each kind of step is seen to be done, looking at the world and not at what was noted. */
const PROBES: Readonly<Record<Step["kind"], (probe: Probe) => Promise<boolean | undefined>>> = {
  hold: async ({ connected }) => (await readWrites(connected())) === "held",
  release: async ({ connected }) => (await readWrites(connected())) === "let in",
  async copy({ catalog, progress: { sequence } }) {
    if (sequence === undefined) return false;
    return (await catalog()).some((entry) => entry.sequence > sequence && entry.state !== "damaged");
  },
  async beside({ connected, state, entryOf }) {
    const entry = await entryOf(state);
    return entry !== undefined && (await standsBeside(connected(), state.basis.backup!.into, entry));
  },
  async swap({ connected, state }) {
    const { id, into } = state.basis.backup!;
    const names = swapNames(connected().database, { id });
    const session = await openMaintenance(connected());
    try {
      const there = async (name: string) => (await findDatabase(session, name)) !== undefined;
      return (await there(names.kept)) && !(await there(into));
    } finally {
      await session.close();
    }
  },
  async revert({ around, connected, step }) {
    const read = await readHistory(around);
    const migration = read?.migrations.find(({ name }) => name === step.migration);
    if (read === undefined || migration === undefined) return undefined;
    return !(await isApplied({
      connection: connected(),
      history: read.history,
      migration,
      proof: undefined,
    }));
  },
  async app({ around, commands, step }) {
    if (around.ops.rollback.app?.check === undefined) return undefined;
    return (await commands.run(step.check.command)) === 0;
  },
  // Each time anew: it was well then says nothing of now.
  look: async () => undefined,
};
