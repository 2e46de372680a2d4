import type { DatabaseIdentity } from "../manifest.ts";
import type { Session } from "./session.ts";

/** Which database this is, whatever its address. */
export async function readIdentity(session: Session): Promise<DatabaseIdentity> {
  const [row] = await session.query<Omit<DatabaseIdentity, "system" | "version"> & { told: boolean }>(`
    select d.datname::text as name, pg_encoding_to_char(d.encoding)::text as encoding,
      d.datcollate::text as collation, has_function_privilege('pg_control_system()', 'execute') as told
    from pg_database d where d.datname = current_database()`);
  const { told, ...database } = row!;
  const [system] = await session.query<{ identifier: string }>(
    told
      ? "select system_identifier::text as identifier from pg_control_system()"
      : `select 'at:' || coalesce(host(inet_server_addr()) || ':' || inet_server_port(),
          current_setting('port')) as identifier`,
  );
  return { ...database, system: system!.identifier, version: session.version };
}
