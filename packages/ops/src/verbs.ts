import type { Verb } from "./verb.ts";

/** One verb of the command table. */
export interface VerbEntry {
  readonly name: string;
  readonly summary: string;
  /** Imports the verb; only the one that is called is ever loaded. */
  readonly load: () => Promise<Verb<never>>;
}

/** Verbs of one subject, called as two words: `seakeep backup create`. */
export interface VerbGroup {
  readonly name: string;
  readonly summary: string;
  readonly verbs: readonly VerbEntry[];
}

const BACKUP: readonly VerbEntry[] = [
  {
    name: "create",
    summary: "back up a Postgres database to a store",
    load: async () => (await import("./commands/backup/create.ts")).create,
  },
  {
    name: "list",
    summary: "list the backups of a store, and which of them are proven",
    load: async () => (await import("./commands/backup/list.ts")).list,
  },
  {
    name: "show",
    summary: "show what a backup holds",
    load: async () => (await import("./commands/backup/show.ts")).show,
  },
  {
    name: "verify",
    summary: "re-read every byte and every hash of a backup",
    load: async () => (await import("./commands/backup/verify.ts")).verify,
  },
  {
    name: "prune",
    summary: "delete the backups that the rules no longer keep",
    load: async () => (await import("./commands/backup/prune.ts")).prune,
  },
  {
    name: "keygen",
    summary: "make the key pair that backups are encrypted to",
    load: async () => (await import("./commands/backup/keygen.ts")).keygen,
  },
  {
    name: "metrics",
    summary: "tell Prometheus what the store holds",
    load: async () => (await import("./commands/backup/metrics.ts")).metrics,
  },
  {
    name: "schedule",
    summary: "print or write what makes cron, systemd, Kubernetes or GitHub run backups and drills",
    load: async () => (await import("./commands/backup/schedule.ts")).schedule,
  },
];

const RELEASE: readonly VerbEntry[] = [
  {
    name: "check",
    summary: "before a deploy: decide by the gates whether to ship",
    load: async () => (await import("./commands/release/check.ts")).check,
  },
  {
    name: "verify",
    summary: "after a deploy: check the new version and compare it with the one before",
    load: async () => (await import("./commands/release/verify.ts")).verify,
  },
  {
    name: "record",
    summary: "seal what was decided of a release, and on which evidence; list and verify the records",
    load: async () => (await import("./commands/release/record.ts")).record,
  },
];

const MIGRATIONS: readonly VerbEntry[] = [
  {
    name: "lint",
    summary: "find the statements that block others, lose data or break the release before",
    load: async () => (await import("./commands/migrations/lint.ts")).lint,
  },
  {
    name: "prove",
    summary:
      "apply what is pending to a scratch Postgres: what is lost, does old code run, is there a way back",
    load: async () => (await import("./commands/migrations/prove.ts")).prove,
  },
];

const SIGNALS: readonly VerbEntry[] = [
  {
    name: "scrape",
    summary: "record what the service tells of itself into a file, where there is no Prometheus",
    load: async () => (await import("./commands/signals/scrape.ts")).scrape,
  },
  {
    name: "budget",
    summary: "show how much of each error budget is left",
    load: async () => (await import("./commands/signals/budget.ts")).budget,
  },
];

const ROLLBACK: readonly VerbEntry[] = [
  {
    name: "advise",
    summary: "go back, go forward or wait: decide on evidence, and walk the plan with --run",
    load: async () => (await import("./commands/rollback/advise.ts")).advise,
  },
  {
    name: "loss",
    summary: "count, row by row, what swapping a restored backup in would lose",
    load: async () => (await import("./commands/rollback/loss.ts")).loss,
  },
  {
    name: "revert",
    summary: "take the newest migration back, if that is proven and loses nothing",
    load: async () => (await import("./commands/rollback/revert.ts")).revert,
  },
  {
    name: "writes",
    summary: "hold the writes of applications, or let them in again",
    load: async () => (await import("./commands/rollback/writes.ts")).writes,
  },
];

/** Every verb. To add one: a file in commands/ and an entry here. */
export const VERBS: readonly (VerbEntry | VerbGroup)[] = [
  {
    name: "generate",
    summary: "write the rules, scrape, probe, routing and document files that the declaration asks for",
    load: async () => (await import("./commands/generate.ts")).generate,
  },
  {
    name: "check",
    summary: "check what was deployed: health, metrics gate, OpenAPI schema, errors, certificate, journeys",
    load: async () => (await import("./commands/check.ts")).check,
  },
  { name: "backup", summary: "create, list, verify and prune backups of the database", verbs: BACKUP },
  {
    name: "restore",
    summary: "restore a backup into a new database, validate it, and swap it in",
    load: async () => (await import("./commands/restore.ts")).restore,
  },
  {
    name: "drill",
    summary: "prove a backup: restore it to a scratch server, and hold it to what you expect of the data",
    load: async () => (await import("./commands/drill.ts")).drill,
  },
  {
    name: "migrations",
    summary: "find what is unsafe in migrations, and prove what they do",
    verbs: MIGRATIONS,
  },
  {
    name: "release",
    summary: "decide whether to ship, whether what was shipped is good, and record it",
    verbs: RELEASE,
  },
  { name: "signals", summary: "read or record the measurements that releases are judged by", verbs: SIGNALS },
  {
    name: "rollback",
    summary: "decide whether to roll back, and do it command by command",
    verbs: ROLLBACK,
  },
];
