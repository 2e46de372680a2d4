import { SeakeepError } from "@seakeep/contract";
import type { Session } from "../../../postgres/session.ts";
import { rolesNeeded } from "./roles-needed.ts";
import { majorOf, type TableOfContents } from "./table-of-contents.ts";

/** What a server can do for a restore. */
interface Target {
  /** Owners and privileges can be restored. */
  readonly owners: boolean;
  readonly missingRoles: readonly string[];
}

/**
 * Asks a server whether an archive can be restored to it, before anything is made.
 *
 * @throws {SeakeepError} `SK-RESTORE-011` to `-014`, `SK-POSTGRES-006`.
 */
export async function checkTarget(
  session: Session,
  { into, header, entries }: TableOfContents & { readonly into: string },
): Promise<Target> {
  await checkName(session, into);
  const needed = majorOf(header.server);
  const major = Math.floor(session.version / 10_000);
  if (major < needed) {
    throw new SeakeepError(
      "SK-RESTORE-012",
      `The backup is of Postgres ${needed}, and the server is Postgres ${major}.`,
      {
        fix: `Restore to a server of Postgres ${needed} or newer.`,
      },
    );
  }
  const extensions = entries.filter(({ kind }) => kind === "EXTENSION").map(({ name }) => name);
  const missing = await absent(session, extensions, "select name::text from pg_available_extensions");
  if (missing.length > 0) {
    const fix = `Install them for Postgres ${major} on the server, and restore again.`;
    throw new SeakeepError("SK-RESTORE-013", `The server lacks the extensions ${missing.join(", ")}.`, {
      fix,
    });
  }
  return await checkRoles(session, entries);
}

async function checkName(session: Session, into: string): Promise<void> {
  // Postgres cuts longer names, and so would quietly mean another database.
  if (into === "" || Buffer.byteLength(into) > 63 || into.includes("\0")) {
    throw new SeakeepError("SK-RESTORE-011", "The name of a new database has 1 to 63 bytes.", {
      why: "Postgres cuts longer names, and would quietly mean another database.",
      fix: "Choose a shorter name.",
    });
  }
  const [row] = await session.query<{ exists: boolean; may: boolean }>(
    `select exists (select from pg_database where datname = $1) as exists,
       exists (select from pg_roles where rolname = current_user and (rolsuper or rolcreatedb)) as may`,
    [into],
  );
  if (row!.exists) throw new SeakeepError("SK-RESTORE-011", `There is a database "${into}" already.`);
  if (!row!.may) {
    const fix = "Connect as a superuser, or as a role with CREATEDB.";
    throw new SeakeepError("SK-POSTGRES-006", "The database user may not create databases.", { fix });
  }
}

async function checkRoles(session: Session, entries: TableOfContents["entries"]): Promise<Target> {
  const { owners, grantees, policies } = rolesNeeded(entries);
  const known = "select rolname::text as name from pg_roles";
  const unprotected = await absent(session, policies, known);
  if (unprotected.length > 0) {
    throw new SeakeepError("SK-RESTORE-014", `The server lacks the roles ${unprotected.join(", ")}.`);
  }
  // What belongs to somebody can be given to them only by a member.
  const usable = `${known} where pg_has_role(current_user, oid, 'member')`;
  const missingRoles = [
    ...new Set([...(await absent(session, owners, usable)), ...(await absent(session, grantees, known))]),
  ].sort();
  return { owners: missingRoles.length === 0, missingRoles };
}

/** Which of the names a query does not answer. */
async function absent(session: Session, names: Iterable<string>, query: string): Promise<string[]> {
  const rows = await session.query<{ name: string }>(
    `select wanted as name from unnest($1::text[]) wanted where wanted not in (${query}) order by 1`,
    [[...names]],
  );
  return rows.map(({ name }) => name);
}
