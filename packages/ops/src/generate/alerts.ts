/** Names of the generated alerts: rules raise them, routing inhibits them, documents explain them. */
export const ALERTS = {
  /** An error budget is being spent too fast; `page` and `ticket`, told apart by severity. */
  burn: "ErrorBudgetBurn",
  /** No instance answers a scrape. */
  targetDown: "TargetDown",
  /** Prometheus knows no instance at all. */
  targetAbsent: "TargetAbsent",
  /** One instance of several does not answer. */
  instanceDown: "InstanceDown",
  /** The black-box probe reports nothing, neither good nor bad. */
  probeMissing: "ProbeMissing",
  /** The running service was built from another declaration than the rules. */
  declarationDrift: "DeclarationDrift",
  /** The service answers scrapes, but an SLO has no data. */
  metricsMissing: "MetricsMissing",
  /** Nobody reports a sound backup: there is none, or the store or what reads it is gone. */
  backupMissing: "BackupMissing",
  /** The newest sound backup is older than the declared recovery point objective. */
  backupTooOld: "BackupTooOld",
  /** The store has a backup that is not whole. */
  backupDamaged: "BackupDamaged",
  /** No backup was proven by a restore for longer than declared. */
  drillOverdue: "DrillOverdue",
  /** The last drill did not pass. */
  drillFailed: "DrillFailed",
} as const;
