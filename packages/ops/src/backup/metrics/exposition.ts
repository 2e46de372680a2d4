import { NAMES } from "@seakeep/contract";
import type { BackupFacts } from "./facts.ts";

const { metrics, labels } = NAMES;

interface Family {
  readonly name: string;
  readonly help: string;
  /** `undefined`: not known, and left out. */
  readonly of: (facts: BackupFacts) => number | undefined;
}

const seconds = (at: Date | undefined) => (at === undefined ? undefined : at.getTime() / 1000);

const FAMILIES: readonly Family[] = [
  {
    name: metrics.backupLastSuccess,
    help: "When the newest sound backup was complete, by the store's clock.",
    of: ({ newest }) => seconds(newest?.storedAt),
  },
  {
    name: metrics.backupLastSnapshot,
    help: "The moment of whose data the newest sound backup is, by the database's clock.",
    of: ({ newest }) => seconds(newest?.snapshotAt),
  },
  {
    name: metrics.backupLastProvenRestore,
    help: "When a backup was last restored and equal to what was backed up, by the store's clock.",
    of: ({ proven }) => seconds(proven?.at),
  },
  {
    name: metrics.backupRestoreDuration,
    help: "How long that restore took, from the first byte fetched to the last table compared.",
    of: ({ proven }) => proven?.seconds,
  },
  {
    name: metrics.backupDuration,
    help: "How long the newest sound backup took.",
    of: ({ newest }) => newest?.seconds,
  },
  {
    name: metrics.backupSize,
    help: "What the newest sound backup takes up in the store.",
    of: ({ newest }) => newest?.bytes,
  },
  {
    name: metrics.backupRpoActual,
    help: "How much a disaster would have cost when the store was read: the age of the newest snapshot.",
    of: ({ newest }) => newest?.age,
  },
  {
    name: metrics.backupRtoActual,
    help: "How long the last drill took to restore; absent when it did not come to that.",
    of: ({ drill }) => drill?.rtoSeconds,
  },
  {
    name: metrics.backupLastDrill,
    help: "When the last drill began, by the store's clock.",
    of: ({ drill }) => seconds(drill?.at),
  },
  {
    name: metrics.backupLastDrillPassed,
    help: "Whether it passed: 1, or 0.",
    of: ({ drill }) => (drill === undefined ? undefined : Number(drill.passed)),
  },
];

/**
 * The text that Prometheus reads, version 0.0.4:
 * https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format.
 *
 * @param facts `undefined`: the store could not be read, and nothing is said of what it holds
 */
export function exposition(facts: readonly BackupFacts[] | undefined): string {
  const up = family(metrics.backupStoreUp, "Whether the store of backups could be read: 1, or 0.", [
    [metrics.backupStoreUp, facts === undefined ? 0 : 1],
  ]);
  if (facts === undefined) return up;
  const counts = facts.flatMap(({ service, backups }) =>
    Object.entries(backups).map(
      ([state, count]) =>
        [series(metrics.backups, { [labels.service]: service, [labels.state]: state }), count] as const,
    ),
  );
  const families = FAMILIES.map(({ name, help, of }) =>
    family(
      name,
      help,
      facts.flatMap((each) => {
        const value = of(each);
        return value === undefined
          ? []
          : [[series(name, { [labels.service]: each.service }), value] as const];
      }),
    ),
  );
  return [up, family(metrics.backups, "Backups in the store, by state.", counts), ...families].join("");
}

function family(
  name: string,
  help: string,
  samples: readonly (readonly [series: string, value: number])[],
): string {
  if (samples.length === 0) return "";
  const lines = samples.map(([at, value]) => `${at} ${value}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join("")}`;
}

function series(name: string, own: Readonly<Record<string, string>>): string {
  const inner = Object.entries(own).map(([label, value]) => `${label}="${escaped(value)}"`);
  return `${name}{${inner.join(",")}}`;
}

/** A service may be called after a database, and a database anything. */
function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
