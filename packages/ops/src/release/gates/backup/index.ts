import type { BackupEntry } from "../../../backup/catalog.ts";
import { inWords } from "../../../generate/docs/words.ts";
import type { DatabaseIdentity } from "../../../postgres/identity.ts";
import { failed, type Gate, type GateVerdict, passed, unknown } from "../gate.ts";

/** If the release destroys data, what is lost is no more than was promised. */
export const backup: Gate = {
  name: "backup",
  title: "A fresh backup of this database is proven",
  looksAt: ({ service }) =>
    `The store of backups: the newest one is undamaged, and the newest proven one is of this very database and no older than the RPO${service.recovery === undefined ? ", which must be declared" : ` of ${inWords(service.recovery.rpo)}`}.`,
  mend: "Run `seakeep backup create`, then `seakeep drill`, which proves it.",
  command: "seakeep backup list",
  async run({ ops, facts, signal }) {
    const [stored, database] = await Promise.all([facts.backups(signal), facts.database(signal)]);
    if (stored === undefined) {
      return unknown("The configuration says nothing of backups.", "Declare `backup: { store: ... }`.");
    }
    const rpo = ops.service.recovery?.rpo;
    const newest = stored.backups.at(-1);
    if (newest === undefined) {
      return failed("The store holds no backup.", "Run `seakeep backup create`, then `seakeep drill`.");
    }
    if (newest.state === "damaged") {
      return failed(
        `The newest backup, ${newest.id}, is damaged: ${newest.problems[0] ?? "it cannot be read"}`,
        "Run `seakeep backup create`, and find out who writes to the store besides Seakeep.",
        { newest: told(newest) },
      );
    }
    const proven = stored.backups.findLast(({ state }) => state === "proven");
    if (proven?.manifest === undefined) {
      return failed(
        `No backup is proven; the newest is ${newest.id}.`,
        "Run `seakeep drill`: it restores the newest backup and proves it.",
        { newest: told(newest) },
      );
    }
    return judge(proven, { newest, now: stored.now, rpo, database });
  },
};

interface Held {
  readonly newest: BackupEntry;
  readonly now: Date;
  readonly rpo: number | undefined;
  readonly database: DatabaseIdentity | undefined;
}

function judge(proven: BackupEntry, { newest, now, rpo, database }: Held): GateVerdict {
  const of = proven.manifest!.database;
  const age = now.getTime() - Date.parse(proven.manifest!.snapshotAt);
  const evidence = {
    ...{ newest: told(newest), proven: told(proven), ageSeconds: Math.round(age / 1000) },
    ...(rpo !== undefined && { rpoSeconds: rpo / 1000 }),
    ...(database && { database: { name: database.name, system: database.system } }),
  };
  if (database !== undefined && !unsure(of, database)) {
    if (of.system !== database.system || of.name !== database.name) {
      return failed(
        `${proven.id} is of the database ${of.name} on the server ${of.system}, and the service runs on ${database.name} on ${database.system}.`,
        "Back up the database that the service runs on: `seakeep backup create`, then `seakeep drill`.",
        evidence,
      );
    }
  }
  if (!(age >= 0)) {
    return unknown(
      `${proven.id} is of a moment that has not come yet by the store's clock.`,
      "Set the clocks of database and store.",
      evidence,
    );
  }
  if (rpo !== undefined && age > rpo) {
    return failed(
      `The newest proven backup, ${proven.id}, is ${inWords(age)} old, and the RPO is ${inWords(rpo)}.`,
      newest === proven
        ? "Run `seakeep backup create`, then `seakeep drill`."
        : "Run `seakeep drill`: it proves the newest backup.",
      evidence,
    );
  }
  if (rpo === undefined) {
    return unknown(
      `${proven.id} is proven and ${inWords(age)} old, and nothing says how old is too old.`,
      'Declare it: `recovery: { rpo: "24h", rto: "1h" }`.',
      evidence,
    );
  }
  if (database === undefined || unsure(of, database)) {
    return unknown(
      `It cannot be told whether ${proven.id} is of the database that the service runs on.`,
      database === undefined
        ? 'Name it: `database: secret("DATABASE_URL")`.'
        : "Let the database user call pg_control_system(), and make a backup after that.",
      evidence,
    );
  }
  return passed(`${proven.id} is proven, of this database and ${inWords(age)} old.`, evidence);
}

/** An address is no identity: two can be one server, and one can be another server tomorrow. */
function unsure(...identities: readonly DatabaseIdentity[]): boolean {
  return identities.some(({ system }) => system.startsWith("at:"));
}

function told({ id, state, manifest, proof, problems }: BackupEntry): object {
  return {
    ...{ id, state },
    ...(manifest && {
      snapshotAt: manifest.snapshotAt,
      checksum: manifest.checksum,
      database: { name: manifest.database.name, system: manifest.database.system },
    }),
    ...(proof && { provenAt: proof.at, provenBy: proof.by }),
    ...(problems.length > 0 && { problems }),
  };
}
