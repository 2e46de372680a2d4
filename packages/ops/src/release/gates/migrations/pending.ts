import { relative } from "node:path";
import type { Ops } from "../../../config/ops.ts";
import { type LintReport, lintHistory } from "../../../migrations/lint/sources.ts";
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
  const from = all.findIndex(({ name }) => !there.has(name));
  const ahead = all.filter(({ name }) => !there.has(name));
  const linted = ahead.length === 0 ? NOTHING : await lintHistory(all, { cwd: folder, from });
  return {
    foreign: applied.filter((name) => !known.has(name)),
    pending: ahead.map((migration) => pendingOf(migration, proof, within(linted, folder, migration))),
  };
}

const NOTHING: LintReport = { findings: [], allowed: [], unparsed: [] };

/** What lint says of one migration. */
function within({ findings, allowed, unparsed }: LintReport, folder: string, { up }: Migration): LintReport {
  const shown = relative(folder, up.file) || up.file;
  const here = ({ file }: { readonly file: string }) => file === shown;
  return {
    findings: findings.filter(here),
    allowed: allowed.filter(here),
    unparsed: unparsed.filter(here),
  };
}

function pendingOf(
  migration: Migration,
  proof: MigrationsProof,
  { findings, allowed, unparsed: [unparsed] }: LintReport,
): PendingMigration {
  const { name } = migration;
  const found = proofOf(proof, migration);
  return {
    name,
    ...(found && { proof: { class: found.class, data: found.data, evidence: found.evidence } }),
    stale: found === undefined && proof.migrations.some((entry) => entry.name === name),
    unsafe: findings
      .filter(({ level }) => level === "unsafe")
      .map(({ file, line, rule, why, fix }) => ({ file, line, rule, why, fix })),
    allowed: allowed.map(({ file, line, rule, reason }) => ({ file, line, rule, reason })),
    ...(unparsed && { unparsed: `${unparsed.file}:${unparsed.line}: ${unparsed.message}` }),
  };
}
