import { type BackupEntry, readCatalog } from "../backup/catalog.ts";
import { readNewestReport } from "../backup/drill/chain.ts";
import type { DrillReport } from "../backup/drill/report.ts";
import { serviceFolder } from "../backup/layout.ts";
import { serverFingerprint } from "../backup/server/maintenance.ts";
import { swapNames } from "../backup/swap-names.ts";
import { readProof } from "../migrations/proof-file.ts";
import type { Connection } from "../postgres/connection.ts";
import { readIdentity } from "../postgres/identity.ts";
import { openSession, type Session } from "../postgres/session.ts";
import { parseSigner } from "../release/record/keys.ts";
import { openSignals } from "../signals/open.ts";
import { type Finding, type Findings, orUnknown, unknown } from "./evidence.ts";
import { chooseFrom, judgeBackup } from "./look/backup.ts";
import { describeBetween, namesBetween } from "./look/between.ts";
import { lookAtData } from "./look/data.ts";
import { type Recorded, readDeploy } from "./look/deploys.ts";
import { lookAtLoss } from "./look/loss.ts";
import { type Between, judgeDown, judgeSchema } from "./look/migrations.ts";
import { lookAtService } from "./look/service.ts";
import { isRecent, judgeDeploy, lookAtPrevious } from "./look/versions.ts";
import { spanText } from "./loss-text.ts";
import type { ReadHistory, Statements, Surroundings } from "./settings.ts";

/** Everything that an advice and its plan rest on. */
export interface Gathered {
  readonly findings: Findings;
  readonly current?: string | undefined;
  readonly previous?: string | undefined;
  /** Applied since the version before, oldest first. */
  readonly between: readonly Between[];
  /** Of these, what has to be taken back, newest first. */
  readonly revert: readonly string[];
  readonly database?: Standing | undefined;
  readonly entry?: BackupEntry | undefined;
  /** Name of the database that a restore would make. */
  readonly into?: string | undefined;
  readonly drill?: DrillReport | undefined;
}

/** Which database it is, and what is applied to it. */
export interface Standing {
  readonly name: string;
  readonly system: string;
  /** Of the server, as `restore --confirm` takes it. */
  readonly fingerprint: string;
  /** Absent: it keeps no record that can be read. */
  readonly applied?: readonly string[] | undefined;
}

/** Looks at everything. Each part that cannot be looked at is unknown, and says why. */
export async function gather(around: Surroundings, said: Statements): Promise<Gathered> {
  const { signal } = around;
  const now = around.now();
  const told = await lookAtRecords(around);
  const recorded = typeof told === "string" ? undefined : told;
  const recent = recorded && isRecent(recorded, now) ? recorded.at : undefined;
  const since = said.since ?? (said.noDeploy ? undefined : recent);
  const current = said.from ?? recorded?.version;
  const previous = said.to ?? recorded?.before;
  const history = await attempt(() => readHistory(around), signal);
  const database = await attempt(() => readStanding(around.connection, history.value), signal);
  const store = await lookAtStore(around, database.value, { since, said });
  const { entry } = store;
  const schema = await attempt(() => lookAtSchema(around, { history: history.value, said, entry }), signal);
  const between = schema.value?.between ?? [];
  const known = schema.value?.why === undefined && schema.value !== undefined;
  const revert = toRevert(between);
  const into = entry && around.connection && swapNames(around.connection.database, entry).incoming;
  return {
    findings: {
      data: await dataFinding(around, said),
      service: await serviceFinding(around, said, since),
      deploy: judgeDeploy(said, told, now),
      previous: await orUnknown(() => lookAtPrevious(around, previous, current), signal),
      schema: known ? judgeSchema(between) : unknown(schema.value?.why ?? schema.why),
      down: known ? judgeDown(revert) : unknown(schema.value?.why ?? schema.why),
      backup: store.finding,
      loss:
        entry === undefined || into === undefined
          ? unknown("there is no backup to compare with")
          : await orUnknown(() => lookAtLoss(around.connection!, entry, { into, signal }), signal),
    },
    ...{ current, previous, between, database: database.value, entry, into, drill: store.drill },
    revert: revert.map(({ name }) => name).reverse(),
  };
}

/** From the first that the version before is not proven to run on: later ones stand on it. */
function toRevert(between: readonly Between[]): readonly Between[] {
  const first = between.findIndex(({ proof }) => proof?.facts.oldCodeRuns !== "yes");
  return first === -1 ? [] : between.slice(first);
}

async function lookAtRecords({ ops, signal }: Surroundings): Promise<Recorded> {
  const place = ops.release.record ?? ops.backup?.store;
  if (place === undefined) return "no release is recorded anywhere";
  const found = await attempt(async () => {
    const signers = ops.release.signers.map((key, index) => parseSigner(key, `release.signers[${index}]`));
    const store = await place.open({});
    return await readDeploy(store, ops.service.name, signers, signal).finally(() => store.close());
  }, signal);
  return found.value ?? found.why;
}

async function dataFinding(
  { ops, connection, signal }: Surroundings,
  { data }: Statements,
): Promise<Finding<"data">> {
  if (data !== undefined) return { answer: data, saw: "the operator says so" };
  if (connection === undefined) return unknown("no database is configured");
  return orUnknown(() => lookAtData(connection, ops.drill.expect, signal), signal);
}

async function serviceFinding(
  { ops, environment, now, signal }: Surroundings,
  said: Statements,
  since: Date | undefined,
): Promise<Finding<"service">> {
  if (said.service !== undefined) return { answer: said.service, saw: "the operator says so" };
  return orUnknown(async () => {
    const signals = await openSignals(ops, environment);
    try {
      return await lookAtService(signals, ops.service, { since, now: now(), signal });
    } finally {
      await signals.close();
    }
  }, signal);
}

async function lookAtSchema(
  { connection, folder }: Surroundings,
  {
    history,
    said,
    entry,
  }: {
    readonly history: ReadHistory | undefined;
    readonly said: Statements;
    readonly entry: BackupEntry | undefined;
  },
): Promise<{ readonly between: readonly Between[]; readonly why?: string }> {
  if (connection === undefined) return { between: [], why: "no database is configured" };
  return withSession(connection, async (session) => {
    const applied = await history?.history.applied(session);
    const names = await namesBetween(session, applied, {
      newest: said.migratedAfter,
      manifest: entry?.manifest,
    });
    if (typeof names === "string") return { between: [], why: names };
    return { between: await describeBetween(session, names, history, await readProof(folder)) };
  });
}

async function lookAtStore(
  { ops, signal, connection }: Surroundings,
  database: Standing | undefined,
  { since, said }: { readonly since: Date | undefined; readonly said: Statements },
): Promise<{ finding: Finding<"backup">; entry?: BackupEntry; drill?: DrillReport }> {
  if (ops.backup === undefined) return { finding: unknown("no store is configured") };
  if (database === undefined || connection === undefined)
    return { finding: unknown("it is not known which database it must be of") };
  const looked = await attempt(async () => {
    const store = await ops.backup!.store.open({});
    try {
      const folder = serviceFolder(ops.service.name);
      const { backups } = await readCatalog(store, folder, signal);
      return { backups, now: await store.now(), drill: await readNewestReport(store, folder, signal) };
    } finally {
      await store.close();
    }
  }, signal);
  if (looked.value === undefined) return { finding: unknown(looked.why) };
  const { backups, now, drill } = looked.value;
  const rest = drill === undefined ? {} : { drill };
  const named =
    said.backup === undefined ? undefined : backups.filter(({ id }) => id.startsWith(said.backup!));
  if (named === undefined && since === undefined)
    return { finding: unknown("nobody says since when the data is damaged: --since TIME"), ...rest };
  const { system, name } = database;
  const entry = chooseFrom(named ?? backups, { before: since ?? now, system, database: name });
  const age = entry?.manifest && spanText((now.getTime() - Date.parse(entry.manifest.snapshotAt)) / 1000);
  const finding = judgeBackup(entry, age ?? "", since?.toISOString() ?? "now");
  return { finding, ...(entry && { entry }), ...rest };
}

/** Which database it is; `undefined` when none is configured. */
export async function readStanding(
  connection: Connection | undefined,
  history: ReadHistory | undefined,
): Promise<Standing | undefined> {
  if (connection === undefined) return undefined;
  return withSession(connection, async (session) => {
    const { name, system } = await readIdentity(session);
    const applied = await history?.history.applied(session);
    return { name, system, fingerprint: await serverFingerprint(session), applied };
  });
}

/** The history of the configuration, read; `undefined` when there is none. */
export async function readHistory({
  ops,
  folder,
}: Pick<Surroundings, "ops" | "folder">): Promise<ReadHistory | undefined> {
  const history = ops.migrations?.open(folder);
  return history && { history, migrations: await history.read() };
}

async function attempt<T>(
  look: () => Promise<T>,
  signal: AbortSignal,
): Promise<{ readonly value?: T; readonly why: string }> {
  try {
    return { value: await look(), why: "" };
  } catch (error) {
    signal.throwIfAborted();
    const { what, message } = error as { readonly what?: string; readonly message: string };
    return { why: (what ?? message).slice(0, 300) };
  }
}

async function withSession<T>(connection: Connection, use: (session: Session) => Promise<T>): Promise<T> {
  const session = await openSession(connection);
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}
