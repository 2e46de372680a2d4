import type { Session } from "./session.ts";

/** Which database it is. */
export interface DatabaseIdentity {
  readonly name: string;
  /**
   * `system_identifier` of pg_control: the same cluster, whatever its address. Decimal text, 64 bit. Where the server
   * does not tell it, `at:` and the address that it listens on.
   */
  readonly system: string;
  /** `server_version_num`, such as 150018. */
  readonly version: number;
  readonly encoding: string;
  readonly collation: string;
}

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
