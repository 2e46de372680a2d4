import type { Session } from "../postgres/session.ts";
import { quoted } from "./maintenance.ts";

/**
 * Gives one database what belongs to another's name and is in no dump: owner, privileges, connection limit, and the
 * settings of `alter database ... set` and `alter role ... in database ... set`. Call it within a transaction.
 */
export async function carryOver(session: Session, from: string, to: string): Promise<void> {
  const target = quoted(to);
  const [database] = await session.query<{
    owner: string;
    same: boolean;
    connections: number;
    listed: boolean;
  }>(
    `select r.rolname::text as owner, d.datdba = t.datdba as same, d.datconnlimit as connections,
       d.datacl is not null as listed
     from pg_database d join pg_roles r on r.oid = d.datdba, pg_database t
     where d.datname = $1 and t.datname = $2`,
    [from, to],
  );
  const { owner, same, connections, listed } = database!;
  if (!same) await session.query(`alter database ${target} owner to ${quoted(owner)}`);
  await session.query(`alter database ${target} connection limit ${Number(connections)}`);
  if (listed) await copyPrivileges(session, from, target);
  await copySettings(session, from, target);
}

async function copyPrivileges(session: Session, from: string, target: string): Promise<void> {
  const grants = await session.query<{ privilege: string; grantee: string | null; grantable: boolean }>(
    `select a.privilege_type as privilege, r.rolname::text as grantee, a.is_grantable as grantable
     from pg_database d, aclexplode(d.datacl) a left join pg_roles r on r.oid = a.grantee
     where d.datname = $1 and (a.grantee = 0 or r.oid is not null)`,
    [from],
  );
  await session.query(`revoke all on database ${target} from public`);
  for (const { privilege, grantee, grantable } of grants) {
    const whom = grantee === null ? "public" : quoted(grantee);
    const option = grantable ? " with grant option" : "";
    // The word comes from the server's own fixed list: CREATE, CONNECT, TEMPORARY.
    await session.query(`grant ${privilege} on database ${target} to ${whom}${option}`);
  }
}

async function copySettings(session: Session, from: string, target: string): Promise<void> {
  const settings = await session.query<{ role: string | null; setting: string }>(
    `select r.rolname::text as role, unnest(s.setconfig) as setting
     from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase
     left join pg_roles r on r.oid = s.setrole
     where d.datname = $1`,
    [from],
  );
  for (const { role, setting } of settings) {
    const name = setting.slice(0, setting.indexOf("="));
    const value = setting.slice(name.length + 1);
    const whose = role === null ? `database ${target}` : `role ${quoted(role)} in database ${target}`;
    // By way of this transaction's own value: the server then stores lists as it does itself, whatever their quoting.
    await session.query("select set_config($1, $2, true)", [name, value]);
    await session.query(`alter ${whose} set ${name.split(".").map(quoted).join(".")} from current`);
  }
}
