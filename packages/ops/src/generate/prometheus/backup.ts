import { formatDuration, NAMES, quote } from "@seakeep/contract";
import type { Ops } from "../../config/ops.ts";
import { ALERTS } from "../alerts.ts";
import { inWords } from "../docs/words.ts";
import type { Timing } from "../timing.ts";
import { type Presence, presenceRule } from "./presence.ts";
import type { RuleGroup } from "./rule.ts";

const HOUR = 3_600_000;
const { metrics, labels } = NAMES;

/** When each alert on backups is raised, milliseconds. */
export const BACKUP_AFTER = {
  /** A quarter of what may be lost: there is time to mend it before the promise is broken. */
  missing: ({ service }: Ops, { span }: Timing): number =>
    span(Math.max(HOUR, (service.recovery?.rpo ?? 24 * HOUR) / 4)),
  /** A quarter more than declared: a scheduled drill takes its time, and comes a little later than the last. */
  overdue: (every: number, { span }: Timing): number => span(every * 1.25),
  /** Two evaluations: what is read anew may be odd once. */
  seen: ({ slow }: Timing): number => 2 * slow,
} as const;

/** Alerts on backups that are missing, old or not proven; none when the configuration says nothing of backups. */
export function backupGroups(ops: Ops, timing: Timing): RuleGroup[] {
  if (ops.backup === undefined) return [];
  const { service } = ops;
  const rules = backupAlerts(ops, timing).map((presence) => presenceRule(service, presence));
  return [{ name: `seakeep-backup-${service.name}`, interval: formatDuration(timing.slow), rules }];
}

/** Tickets all: the service runs, and what is at stake is the next disaster. */
export function backupAlerts(ops: Ops, timing: Timing): Presence[] {
  const { service, drill } = ops;
  const rpo = service.recovery?.rpo;
  const series = (name: string, more = "") => `${name}{${labels.service}=${quote(service.name)}${more}}`;
  // One value, however many instances of an exporter read the same store.
  const newest = (name: string) => `max by (${labels.service}) (${series(name)})`;
  const severity = "ticket" as const;
  const seconds = (ms: number) => Math.round(ms / 1000);
  return [
    {
      ...{ alert: ALERTS.backupMissing, severity },
      expr: `absent(${series(metrics.backupLastSuccess)})`,
      after: BACKUP_AFTER.missing(ops, timing),
      summary: `${service.name}: nobody reports a sound backup`,
      description:
        "There is none in the store, or the store cannot be read (backup_store_up is 0), or nothing runs " +
        "`seakeep backup metrics` where Prometheus sees it. Look with: seakeep backup list",
    },
    ...(rpo === undefined
      ? []
      : [
          {
            ...{ alert: ALERTS.backupTooOld, severity },
            expr: `time() - ${newest(metrics.backupLastSnapshot)} > ${seconds(timing.span(rpo))}`,
            after: 0,
            summary: `${service.name}: the newest backup is {{ $value | humanizeDuration }} old`,
            description:
              `A disaster now would cost more than the ${inWords(rpo)} of data that are declared as the most (RPO). ` +
              "Find out why the last runs of seakeep backup create failed, and run it.",
          },
        ]),
    {
      ...{ alert: ALERTS.backupDamaged, severity },
      expr: `max by (${labels.service}) (${series(metrics.backups, `,${labels.state}="damaged"`)}) > 0`,
      after: BACKUP_AFTER.seen(timing),
      summary: `${service.name}: {{ $value }} backup(s) in the store are damaged`,
      description:
        "Objects of a finished backup are missing, short or changed. Somebody or something besides Seakeep writes to " +
        "the store, or its disk fails. Look with: seakeep backup verify --all",
    },
    ...(drill.every === undefined ? [] : drillAlerts(ops, drill.every, timing, { newest, series })),
  ];
}

function drillAlerts(
  { service }: Ops,
  every: number,
  timing: Timing,
  { newest, series }: { newest: (name: string) => string; series: (name: string) => string },
): Presence[] {
  const proven = metrics.backupLastProvenRestore;
  const most = Math.round(BACKUP_AFTER.overdue(every, timing) / 1000);
  const severity = "ticket" as const;
  return [
    {
      ...{ alert: ALERTS.drillOverdue, severity },
      // Backups are reported, and none of them was ever proven: also after the first drill was due.
      expr:
        `time() - ${newest(proven)} > ${most} or ` +
        `(absent(${series(proven)}) and on () ${newest(metrics.backupLastSuccess)})`,
      after: BACKUP_AFTER.seen(timing),
      summary: `${service.name}: no backup was proven by a restore in ${inWords(every)}`,
      description:
        "A backup that nobody has restored is a hope. Either drills do not run, or they do not pass. Run: seakeep drill",
    },
    {
      ...{ alert: ALERTS.drillFailed, severity },
      expr: `min by (${labels.service}) (${series(metrics.backupLastDrillPassed)}) == 0`,
      after: 0,
      summary: `${service.name}: the last restore drill did not pass`,
      description:
        "The newest backup could not be restored, is not what was backed up, does not hold what you expect of the " +
        "data, or took too long. The newest report in the store's drills folder says which.",
    },
  ];
}
