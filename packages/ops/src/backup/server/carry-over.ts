import type { Session } from "../../postgres/session.ts";
import { literal, quoted } from "./maintenance.ts";

/**
 * Gives one database exactly what another has that belongs to its name rather than its content: owner, privileges,
 * connection limit, comment, and the settings of `alter database ... set` and `alter role ... in database ... set`. What
 * the backup brought of these goes: it was true then. Call it within a transaction.
 */
export async function carryOver(session: Session, from: string, to: string): Promise<void> {
  const target = quoted(to);
  const [database] = await session.query<{
    owner: string;
    same: boolean;
    connections: number;
    comment: string | null;
  }>(
    `select r.rolname::text as owner, d.datdba = t.datdba as same, d.datconnlimit as connections,
       shobj_description(d.oid, 'pg_database') as comment
     from pg_database d join pg_roles r on r.oid = d.datdba, pg_database t
     where d.datname = $1 and t.datname = $2`,
    [from, to],
  );
  const { owner, same, connections, comment } = database!;
  if (!same) await session.query(`alter database ${target} owner to ${quoted(owner)}`);
  await session.query(`alter database ${target} connection limit ${Number(connections)}`);
  await session.query(`comment on database ${target} is ${comment === null ? "null" : literal(comment)}`);
  await copyPrivileges(session, from, to);
  await copySettings(session, from, to);
}

async function copyPrivileges(session: Session, from: string, to: string): Promise<void> {
  const target = quoted(to);
  const whom = ({ grantee }: Grant) => (grantee === null ? "public" : quoted(grantee));
  for (const grantee of new Set((await readGrants(session, to)).map(whom))) {
    await session.query(`revoke all on database ${target} from ${grantee}`);
  }
  for (const grant of await readGrants(session, from)) {
    const option = grant.grantable ? " with grant option" : "";
    // The word comes from the server's own fixed list: CREATE, CONNECT, TEMPORARY.
    await session.query(`grant ${grant.privilege} on database ${target} to ${whom(grant)}${option}`);
  }
}

interface Grant {
  readonly privilege: string;
  /** `null`: everybody. */
  readonly grantee: string | null;
  readonly grantable: boolean;
}

function readGrants(session: Session, database: string): Promise<Grant[]> {
  return session.query<Grant>(
    `select a.privilege_type as privilege, r.rolname::text as grantee, a.is_grantable as grantable
     from pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
     left join pg_roles r on r.oid = a.grantee
     where d.datname = $1 and (a.grantee = 0 or r.oid is not null)`,
    [database],
  );
}

async function copySettings(session: Session, from: string, to: string): Promise<void> {
  for (const { role } of await readSettings(session, to)) {
    await session.query(`alter ${whose(role, to)} reset all`);
  }
  for (const { role, setting } of await readSettings(session, from)) {
    const name = setting.slice(0, setting.indexOf("="));
    const value = setting.slice(name.length + 1);
    // By way of this transaction's own value: the server then stores lists as it does itself, whatever their quoting.
    const [own] = await session.query<{ value: string | null }>("select current_setting($1, true) as value", [
      name,
    ]);
    await session.query("select set_config($1, $2, true)", [name, value]);
    await session.query(`alter ${whose(role, to)} set ${name.split(".").map(quoted).join(".")} from current`);
    // And back: a statement timeout that is right for the service must not end the swap.
    await session.query("select set_config($1, $2, true)", [name, own!.value ?? ""]);
  }
}

/** @param role `null`: any */
function whose(role: string | null, database: string): string {
  const target = `database ${quoted(database)}`;
  return role === null ? target : `role ${quoted(role)} in ${target}`;
}

function readSettings(
  session: Session,
  database: string,
): Promise<{ readonly role: string | null; readonly setting: string }[]> {
  return session.query(
    `select r.rolname::text as role, unnest(s.setconfig) as setting
     from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase
     left join pg_roles r on r.oid = s.setrole
     where d.datname = $1`,
    [database],
  );
}
