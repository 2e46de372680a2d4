import type { Ops } from "../../../config/ops.ts";
import type { Migration } from "../../../migrations/migration.ts";
import type { MigrationsProof } from "../../../migrations/proof.ts";
import { proofOf, readProof } from "../../../migrations/proof-file.ts";
import type { Session } from "../../../postgres/session.ts";
import type { MigrationsAhead, PendingMigration } from "../facts.ts";

/** Asks production's database; `undefined` when the configuration does not name it. */
type AskDatabase = <T>(ask: (session: Session) => Promise<T>) => Promise<T | undefined>;

/**
 * Holds the history against what production has recorded, and each migration that is pending against its proof.
 *
 * @param around the configuration, and the folder that it is in
 */
export async function readMigrations(
  { ops, folder }: { readonly ops: Ops; readonly folder: string },
  askDatabase: AskDatabase,
): Promise<MigrationsAhead | undefined> {
  const history = ops.migrations?.open(folder);
  if (history === undefined) return undefined;
  const [all, proof] = [await history.read(), await readProof(folder)];
  const applied = await askDatabase((session) => history.applied(session));
  if (applied === undefined) return { foreign: [] };
  const known = new Set(all.map(({ name }) => name));
  const there = new Set(applied);
  const ahead = all.filter(({ name }) => !there.has(name));
  return {
    foreign: applied.filter((name) => !known.has(name)),
    pending: ahead.map((migration) => pendingOf(migration, proof)),
  };
}

function pendingOf(migration: Migration, proof: MigrationsProof): PendingMigration {
  const { name } = migration;
  const found = proofOf(proof, migration);
  return {
    name,
    ...(found && { proof: { class: found.class, data: found.data, evidence: found.evidence } }),
    stale: found === undefined && proof.migrations.some((entry) => entry.name === name),
  };
}
