import type { Session } from "../../../postgres/session.ts";
import { findVersions, named, type RecordKind } from "./record.ts";

/** Records that have a row for each migration; golang-migrate's has one row, which its own tool keeps. */
export type ChangeableRecord = Exclude<RecordKind, "golang-migrate">;

/** Takes a migration out of the record. */
export async function forgetVersion(session: Session, kind: ChangeableRecord, name: string): Promise<void> {
  const found = await findVersions(session, kind);
  if (found === undefined) return;
  const { record, column, versions } = found;
  const recorded = versions.filter((version) => named([version], [name])[0] === name);
  await session.query(`delete from ${record} where ${column}::text = any ($1)`, [recorded]);
}

/** Puts a migration into the record, spelled as those that are in it. */
export async function rememberVersion(session: Session, kind: ChangeableRecord, name: string): Promise<void> {
  const found = await findVersions(session, kind);
  if (found === undefined) return;
  const { record, column, versions } = found;
  const numbers =
    typeof kind === "string" || (versions.length > 0 && versions.every((version) => /^\d+$/.test(version)));
  const version = numbers
    ? /^\d+/.exec(name)?.[0]
    : versions.some((one) => one.endsWith(".sql"))
      ? `${name}.sql`
      : name;
  const more = kind === "goose" ? { columns: ", is_applied", values: ", true" } : { columns: "", values: "" };
  await session.query(`insert into ${record} (${column}${more.columns}) values ($1${more.values})`, [
    version,
  ]);
}
