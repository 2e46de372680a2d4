import { backupInterval, drillInterval, intervalText } from "../../backup/schedule/interval.ts";
import type { Ops } from "../../config/ops.ts";
import { type GeneratedFile, headerLines } from "../file.ts";
import { BACKUP_AFTER, backupAlerts } from "../prometheus/backup.ts";
import type { Timing } from "../timing.ts";
import { code, escaped, inWords, table } from "./words.ts";

/** The backup and restore guide: for whoever has to bring the data back, and for who asks how that is known to work. */
export function backupGuide(ops: Ops, timing: Timing): GeneratedFile[] {
  if (ops.backup === undefined) return [];
  const { service } = ops;
  const parts = [
    `<!--\n${headerLines(service, timing).join("\n")}\n-->\n`,
    `# Backup and restore of ${service.name}\n`,
    `Owner: **${escaped(service.owner)}** · Declaration: ${code(service.hash)}\n`,
    targets(ops),
    where(ops, ops.backup),
    restoring(ops, ops.backup),
    drilling(ops, ops.backup),
    validating(ops),
    watching(ops, timing),
  ];
  return [{ path: "docs/backup.md", content: parts.join("\n") }];
}

type Backup = NonNullable<Ops["backup"]>;

function targets({ service, drill }: Ops): string {
  const { rpo, rto } = service.recovery ?? {};
  const drills =
    drill.every === undefined ? "and nothing says how often" : intervalText(drillInterval(drill.every));
  return `## What is promised

${table(
  ["Target", "At most", "Meaning", "Measured by"],
  [
    ["RPO", said(rpo), "of data may be lost in a disaster", "the age of the newest backup's snapshot"],
    ["RTO", said(rto), "until the data is back from its backup", `the restore drill, ${drills}`],
  ],
)}

The RTO is that of the data: from the first byte fetched to the last table compared. Noticing the disaster, and finding a server, come on top.
`;
}

function said(ms: number | undefined): string {
  return ms === undefined ? "not declared" : inWords(ms);
}

function where({ service, database }: Ops, { store, keep, recipients }: Backup): string {
  const interval = backupInterval(service.recovery?.rpo);
  const rules = Object.entries(keep ?? {}).map(([rule, value]) => `${rule}: ${value}`);
  const encryption =
    recipients.length === 0
      ? "none: who can read the store can read the data"
      : `to ${recipients.length} public key${recipients.length === 1 ? "" : "s"}; one of their private keys opens it, and nothing else does`;
  return `## Where backups are

${table(
  ["", ""],
  [
    ["Store", code(store.url)],
    ["Database", `the one that ${code(database?.name ?? "DATABASE_URL")} names`],
    [
      "Made",
      interval
        ? `${intervalText(interval)}: one run may fail, and the RPO still holds`
        : "by nothing that dumps",
    ],
    ["Kept", rules.length === 0 ? "all: nothing is ever pruned" : rules.join(", ")],
    ["Encrypted", encryption],
  ],
)}

\`\`\`sh
seakeep backup list             # what there is: complete, proven, or damaged
seakeep backup create           # one more, now
seakeep backup verify latest    # read every byte again, against every hash
seakeep backup prune            # what the rules no longer keep; --delete lets it go
\`\`\`

Never pruned, whatever the rules say: the newest, the newest proven one, and damaged ones.
`;
}

function restoring({ database }: Ops, { recipients }: Backup): string {
  const url = database?.name ?? "DATABASE_URL";
  const identity = recipients.length === 0 ? "" : " --identity identity.pem";
  const key =
    recipients.length === 0
      ? ""
      : "\n   The backups are encrypted: have the private key of one recipient at hand, in `identity.pem`.\n";
  return `## Restore, step by step

Run these in the folder of \`seakeep.config.ts\`, with ${code(url)} set. The live database is not touched before step 4.

1. **Stop what makes it worse.** If a deploy or a job is destroying data, stop it first.
${key}
2. **Choose a backup**: the newest one from before the damage. Proven ones were restored before.

   \`\`\`sh
   seakeep backup list
   \`\`\`

3. **Restore it beside the live database.** It is fetched, verified, restored and compared table by table; only then does the new database get its name.

   \`\`\`sh
   seakeep restore ID --into restored${identity}
   \`\`\`

   Look at it. If only some rows are lost, copy them over and stop here.

4. **Swap it in.** What will be lost is shown, and the database's name is asked for. The old database is kept under another name.

   \`\`\`sh
   seakeep restore ID --swap --into restored${identity}
   \`\`\`

5. **Check the service.**

   \`\`\`sh
   seakeep check
   \`\`\`

6. **Take it back**, if it was a mistake:

   \`\`\`sh
   seakeep restore ID --undo
   \`\`\`

If the server is lost as well, name another one in step 3 and 4 with \`--server NEW_DATABASE_URL\`, and make its roles first: \`globals.sql\` of the backup has them.
`;
}

function drilling({ drill }: Ops, { recipients }: Backup): string {
  const identity = recipients.length === 0 ? "" : " --identity identity.pem";
  const due =
    drill.every === undefined ? "Nothing is declared of how often." : `Due every ${inWords(drill.every)}.`;
  return `## Restore drill

${due} It starts a Postgres of its own, restores the newest backup to it, compares it with the manifest, holds it to the expectations below, measures RTO and RPO, and clears everything away. Production is not touched.

\`\`\`sh
seakeep drill${identity}           # the newest
seakeep drill --each${identity}    # every one that there is
\`\`\`

Exit code 0: proven. 1: damaged, not as expected, or too slow. 3: could not tell, which is not a pass. Each drill leaves a report in the store, under \`drills/\`, as JSON and as Markdown, with the SHA-256 of the report before it: one that is changed or taken away shows.
`;
}

function validating({ drill }: Ops): string {
  const expectations =
    drill.expect.length === 0
      ? "Nothing is declared that the data itself must hold. Add `drill: { expect: [sql(...)] }`: hashes cannot tell that what was backed up made sense.\n"
      : `Then, of the restored data, each in a read-only transaction:\n\n${drill.expect
          .map(({ name, query }) => `**${escaped(name)}**\n\n${fenced(query.trim())}\n`)
          .join("\n")}`;
  return `## What is validated

1. Every byte fetched, against the SHA-256 of its part and of its file.
2. The dump, by its own table of contents: a truncated one is refused.
3. The restored database, read back as a dump would: rows and SHA-256 of each table, sequences, large objects, counts of every kind of schema object, extensions, the newest migration. All were taken in the snapshot of the backup itself.

${expectations}${booting(drill.boot)}`;
}

function booting(boot: Ops["drill"]["boot"]): string {
  if (boot === undefined) return "";
  const command = code(boot.command.join(" "));
  return `\nAt last the service itself, started on the restored database by ${command} with an environment that knows nothing else of production: ready at ${code(boot.ready)} within ${inWords(boot.within)}, and every check passed. Of the newest backup alone; an older one may be of an older schema.\n`;
}

/** A fence that the text inside cannot end. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}sql\n${text}\n${fence}`;
}

function watching(ops: Ops, timing: Timing): string {
  const first = BACKUP_AFTER.missing(ops, timing);
  return `## Who watches

\`seakeep backup metrics\` reads the store and tells Prometheus: as an exporter (\`--listen 127.0.0.1:9841\`), or as a file for node_exporter (\`--textfile PATH\`). No job reports its own success. Without it ${code("BackupMissing")} is raised after ${inWords(first)}.

${table(
  ["Alert", "Severity", "What to do"],
  backupAlerts(ops, timing).map(({ alert, severity, description }) => [
    code(alert),
    severity,
    escaped(description),
  ]),
)}
`;
}
