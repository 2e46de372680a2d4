import type { BackupEntry } from "../../backup/catalog.ts";
import type { Chain } from "../../backup/chain.ts";
import type { DrillReport } from "../../backup/drill/report.ts";
import type { CheckReport } from "../../checks/report.ts";
import type { Secret } from "../../config/values.ts";
import type { Comparison } from "../../generate/folder.ts";
import type { AllowedFinding, Finding } from "../../migrations/lint/lint.ts";
import type { ProvenMigration } from "../../migrations/proof.ts";
import type { DatabaseIdentity } from "../../postgres/identity.ts";
import type { FiringAlert } from "../../signals/signals.ts";

/** The backups of the service, as the store tells of them. */
export interface StoredBackups {
  /** Oldest first. */
  readonly backups: readonly BackupEntry[];
  /** The store's clock. */
  readonly now: Date;
}

/** What is firing. */
export interface Alerts {
  /** `rules`: as Prometheus evaluates them. `burn rates`: as the embedded records add up. */
  readonly by: "rules" | "burn rates";
  /** Absent: no rule of the service is evaluated, or too little was seen. Without rules nothing ever fires. */
  readonly firing?: readonly FiringAlert[];
}

/** What is left of one error budget. */
export interface BudgetLeft {
  readonly slo: string;
  /** Its events in the period; absent: they cannot be told. */
  readonly count?: { readonly bad: number; readonly total: number; readonly coverage: number };
  /** Share of the period's budget, 1 when nothing is spent, below 0 when overspent; with `count`, and not without. */
  readonly left?: number;
}

/** A migration that production does not have yet. */
export interface PendingMigration {
  readonly name: string;
  /** Its entry in the proof file; absent: there is none for exactly this text. */
  readonly proof?: Pick<ProvenMigration, "class" | "evidence" | "data">;
  /** True when the proof file has an entry of its name for another text. */
  readonly stale: boolean;
  /** What `seakeep migrations lint` calls unsafe in it and no comment allows. */
  readonly unsafe: readonly Pick<Finding, "file" | "line" | "rule" | "why" | "fix">[];
  /** What a comment allows, with its reason: whoever reads the record should see that. */
  readonly allowed: readonly Pick<AllowedFinding, "file" | "line" | "rule" | "reason">[];
  /** Why it could not be read as SQL, and where; absent: it could. */
  readonly unparsed?: string;
}

/** The history of migrations beside what production has recorded. */
export interface MigrationsAhead {
  /** In the order in which they will be applied; absent: production keeps no record, or cannot be asked. */
  readonly pending?: readonly PendingMigration[];
  /** Applied in production, and not in the history. */
  readonly foreign: readonly string[];
}

/** Where the files stand that are to be released. */
export interface WorkingTree {
  /** Full hash of the commit that is checked out. */
  readonly commit: string;
  /** Tags of that commit. */
  readonly tags: readonly string[];
  /** Paths that are changed or not tracked. */
  readonly changed: readonly string[];
  /** Commit that the asked-for version names as a tag, if it names one. */
  readonly versionCommit?: string;
}

/**
 * What gates judge, each fetched when it is first asked for. `undefined`: the configuration says nothing of it, or there
 * is none. What cannot be reached rejects: the gate is then unknown.
 */
export interface Facts {
  backups(signal: AbortSignal): Promise<StoredBackups | undefined>;
  drills(signal: AbortSignal): Promise<Pick<Chain<DrillReport>, "newest" | "last" | "problems"> | undefined>;
  /** Of the database that the service runs on. */
  database(signal: AbortSignal): Promise<DatabaseIdentity | undefined>;
  alerts(signal: AbortSignal): Promise<Alerts | undefined>;
  budgets(signal: AbortSignal): Promise<readonly BudgetLeft[] | undefined>;
  migrations(signal: AbortSignal): Promise<MigrationsAhead | undefined>;
  /** Generated files beside what is in their folder. */
  generated(): Promise<readonly Comparison[]>;
  /** True when the secret's value can be read here. */
  has(secret: Secret): Promise<boolean>;
  tree(version: string | undefined, signal: AbortSignal): Promise<WorkingTree | undefined>;
  /** What the checks say of what is deployed now. */
  checks(signal: AbortSignal): Promise<CheckReport>;
}
