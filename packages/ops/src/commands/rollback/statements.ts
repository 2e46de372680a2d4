import { SeakeepError } from "@seakeep/contract";
import { type Command, InvalidArgumentError } from "commander";
import type { Statements } from "../../rollback/settings.ts";

/** What an operator may say. */
export interface StatementOptions {
  readonly since?: Date;
  readonly deploy: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly fix?: string;
  readonly migratedAfter?: string;
  readonly harmed?: boolean;
  readonly healthy?: boolean;
  readonly dataDamaged?: boolean;
  readonly dataSound?: boolean;
  readonly backup?: string;
}

/** Adds them. */
export function defineStatements(command: Command): void {
  command
    .option(
      "--since <time>",
      "when the deploy, or with --no-deploy the damage, began: RFC 3339, or the last HH:MM in UTC",
      time,
    )
    .option("--no-deploy", "there was no deploy before it")
    .option("--from <version>", "the version that runs")
    .option("--to <version>", "the version to go back to")
    .option("--fix <version>", "a version that mends it, for a plan that goes forward")
    .option("--migrated-after <name>", "the newest migration that the version to go back to knew, or none")
    .option("--harmed", "the service is harmed, whatever the signals say")
    .option("--healthy", "it is not")
    .option("--data-damaged", "data is damaged, whatever the expectations say")
    .option("--data-sound", "it is not")
    .option(
      "--backup <id>",
      "the backup to restore, or a beginning of its id (default: the newest sound one from before)",
    );
}

/** @throws {SeakeepError} `SK-ROLLBACK-002` when they contradict each other. */
export function statements(options: StatementOptions): Statements {
  if (options.harmed && options.healthy)
    throw new SeakeepError("SK-ROLLBACK-002", "--harmed and --healthy contradict each other.");
  if (options.dataDamaged && options.dataSound)
    throw new SeakeepError("SK-ROLLBACK-002", "--data-damaged and --data-sound contradict each other.");
  const { since, from, to, fix, migratedAfter, backup } = options;
  return {
    ...{ since, from, to, fix, migratedAfter, backup },
    noDeploy: !options.deploy,
    service: options.harmed ? "harmed" : options.healthy ? "healthy" : undefined,
    data: options.dataDamaged ? "damaged" : options.dataSound ? "sound" : undefined,
  };
}

function time(written: string): Date {
  const parsed = /^([01]?\d|2[0-3]):[0-5]\d$/.test(written)
    ? lastTime(written, new Date())
    : instant(written);
  if (parsed !== undefined) return parsed;
  throw new InvalidArgumentError('It must be a time such as "2026-11-23T14:05:00Z", or "14:05" in UTC.');
}

/** The last time that it was so late: an hour that is still to come was yesterday's. */
function lastTime(written: string, now: Date): Date {
  const today = new Date(`${now.toISOString().slice(0, 11)}${written.padStart(5, "0")}:00Z`);
  return today > now ? new Date(today.getTime() - 86_400_000) : today;
}

function instant(written: string): Date | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(written)) return undefined;
  const parsed = new Date(written);
  return Number.isNaN(parsed.getTime()) ? undefined : parsed;
}
