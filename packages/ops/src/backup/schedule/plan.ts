import { createHash } from "node:crypto";
import { NAMES, SeakeepError } from "@seakeep/contract";
import type { Ops } from "../../config/ops.ts";
import { inWords } from "../../generate/docs/words.ts";
import { backupInterval, drillInterval, type Interval, intervalText, type Offset } from "./interval.ts";

/** Something to run again and again. */
export interface Job {
  /** `backup` or `drill`: part of file and object names. */
  readonly name: string;
  /** One sentence for whoever reads the schedule. */
  readonly says: string;
  readonly interval: Interval;
  readonly offset: Offset;
  /** Arguments of `seakeep`, one run after the other; what fails ends the job. */
  readonly runs: readonly (readonly string[])[];
  /** Programs of Postgres that it needs. */
  readonly needs: "client" | "server";
  /** Variables that the scheduler must give it, by name; their values are in none of these files. */
  readonly secrets: readonly string[];
}

/** What to run when, whoever runs it. */
export interface Plan {
  readonly service: string;
  /** URL of the store, without secrets. */
  readonly store: string;
  readonly jobs: readonly Job[];
}

/** Hour of the day, UTC, at which few are awake in most places. */
const HOUR = { backup: 2, drill: 4 } as const;

/**
 * Plans backups as often as the recovery point objective asks, pruning after each, and drills as often as is declared.
 *
 * @throws {SeakeepError} `SK-BACKUP-001` without a store; `SK-SCHEDULE-001` when no interval keeps the objective.
 */
export function plan({ service, backup, database, drill }: Ops): Plan {
  if (backup === undefined) {
    throw new SeakeepError("SK-BACKUP-001", "The configuration says nothing of backups.");
  }
  const rpo = service.recovery?.rpo;
  const interval = backupInterval(rpo);
  if (interval === undefined) {
    throw new SeakeepError(
      "SK-SCHEDULE-001",
      `The RPO of ${inWords(rpo ?? 0)} is shorter than dumps can keep.`,
    );
  }
  // The same each time, and another one for each service: not everybody at the full hour.
  const minute = createHash("sha256").update(service.name).digest().readUInt16BE() % 60;
  const cloud = backup.store.url.startsWith("s3:") ? ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] : [];
  const why =
    rpo === undefined ? "no RPO is declared" : `the RPO of ${inWords(rpo)} holds though one run fails`;
  const jobs: Job[] = [
    {
      name: "backup",
      says: `Backs up ${intervalText(interval)}: ${why}.`,
      interval,
      offset: { minute, hour: HOUR.backup },
      runs: [["backup", "create"], ...(backup.keep === undefined ? [] : [["backup", "prune", "--delete"]])],
      needs: "client",
      secrets: [database?.name ?? NAMES.environment.databaseUrl, ...cloud],
    },
  ];
  if (drill.every !== undefined) {
    const often = drillInterval(drill.every);
    jobs.push({
      name: "drill",
      says: `Restores the newest backup ${intervalText(often)}, and holds it to what is expected of the data.`,
      interval: often,
      offset: { minute: (minute + 30) % 60, hour: HOUR.drill },
      runs: [["drill"]],
      needs: "server",
      secrets: [...(backup.recipients.length > 0 ? ["SEAKEEP_IDENTITY"] : []), ...cloud],
    });
  }
  return { service: service.name, store: backup.store.url, jobs };
}
