import { userInfo } from "node:os";
import { nearest, SeakeepError } from "@seakeep/contract";
import type { Environment } from "../print.ts";

/**
 * Where a Postgres is, and as whom to connect. The password is behind a function, so that no log, error or JSON text
 * can show it by accident.
 */
export interface Connection {
  /** A host name, an address, or the folder of a socket (then it begins with `/`). */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** Undefined: libpq's password file, or none needed. */
  readonly password: () => string | undefined;
  /** Everything else libpq takes, by the names of its environment variables: `PGSSLMODE`, `PGOPTIONS`. */
  readonly settings: Readonly<Record<string, string>>;
}

/** The same server and user, another database. */
export function withDatabase(connection: Connection, database: string): Connection {
  return { ...connection, database };
}

/** Parameters of a URL that are variables of libpq, with theirs. */
const SETTINGS: Readonly<Record<string, string>> = {
  application_name: "PGAPPNAME",
  channel_binding: "PGCHANNELBINDING",
  connect_timeout: "PGCONNECT_TIMEOUT",
  gssencmode: "PGGSSENCMODE",
  options: "PGOPTIONS",
  ssl_min_protocol_version: "PGSSLMINPROTOCOLVERSION",
  sslcert: "PGSSLCERT",
  sslcrl: "PGSSLCRL",
  sslkey: "PGSSLKEY",
  sslmode: "PGSSLMODE",
  sslrootcert: "PGSSLROOTCERT",
  target_session_attrs: "PGTARGETSESSIONATTRS",
};

/** What pools and mappers write into the same URL: nothing to a server. */
const NOT_FOR_LIBPQ: ReadonlySet<string> = new Set([
  "connection_limit",
  "max_idle_connection_lifetime",
  "pgbouncer",
  "pool_max_conns",
  "pool_timeout",
  "schema",
  "socket_timeout",
  "statement_cache_size",
  "uselibpqcompat",
]);

const SSL_MODES = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

/**
 * Reads a database URL as libpq does: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS.
 * What the URL leaves out comes from the environment (`PGHOST`, `PGUSER`, `PGPASSWORD`, `PGSSLMODE`, ...).
 *
 * @throws {SeakeepError} `SK-POSTGRES-001`, which never repeats the URL.
 * @example
 * parseConnection("postgres://app:secret@db.internal/courses?sslmode=verify-full", process.env);
 */
export function parseConnection(url: string, environment: Environment): Connection {
  const parsed = parseUrl(url);
  const parameters = new Map(
    // In a URL of libpq a plus sign is a plus sign, not a space.
    new URLSearchParams(parsed.search.replaceAll("+", "%2B")),
  );
  const take = (name: string): string | undefined => {
    const value = parameters.get(name);
    parameters.delete(name);
    return value || undefined;
  };
  const user = take("user") ?? (decode(parsed.username, "user") || environment.PGUSER) ?? userInfo().username;
  const password = take("password") ?? (decode(parsed.password, "password") || environment.PGPASSWORD);
  const host = take("host") ?? (decode(parsed.hostname, "host") || environment.PGHOST) ?? "localhost";
  const port = Number(take("port") ?? (parsed.port || environment.PGPORT) ?? 5432);
  const database = take("dbname") ?? (decode(parsed.pathname.slice(1), "database") || environment.PGDATABASE);
  const ssl = take("ssl");
  if (ssl !== undefined && !parameters.has("sslmode")) {
    parameters.set("sslmode", ssl === "true" || ssl === "1" ? "require" : "disable");
  }
  const settings = readSettings(parameters, environment);
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw unusable("its port is not one");
  if (host.includes(",")) throw unusable("it names several hosts", "Name the one to back up.");
  for (const text of [host, user, database ?? "", password ?? "", ...Object.values(settings)]) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    if (/[\u0000\n\r]/.test(text)) throw unusable("it holds a line break or a zero byte");
  }
  return {
    host: host.replace(/^\[(.*)\]$/, "$1"),
    port,
    user,
    database: database ?? user,
    password: () => password || undefined,
    settings,
  };
}

/**
 * The URL that leads there, password and all, for a program that takes it by its environment. A socket's folder stands
 * in the parameter `host`, beside a host that every parser of URLs wants to see.
 */
export function connectionUrl(connection: Connection): string {
  const { host, port, user, database, settings } = connection;
  const socket = host.startsWith("/");
  const url = new URL(`postgres://${socket ? "localhost" : host.includes(":") ? `[${host}]` : host}`);
  url.port = String(port);
  url.username = encodeURIComponent(user);
  url.password = encodeURIComponent(connection.password() ?? "");
  url.pathname = `/${encodeURIComponent(database)}`;
  const parameters = Object.entries(SETTINGS).flatMap(([name, variable]) => {
    const value = settings[variable];
    return value === undefined ? [] : [[name, value] as const];
  });
  url.search = [...(socket ? [["host", host] as const] : []), ...parameters]
    // Not URLSearchParams, whose "+" for a space is a plus sign to libpq.
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join("&");
  return url.href;
}

function parseUrl(text: string): URL {
  const trimmed = text.trim();
  if (!/^postgres(ql)?:\/\//.test(trimmed)) throw unusable("it does not begin with postgres://");
  if (trimmed.includes("#")) throw unusable('it holds a "#"', 'Write %23 for a "#" within a password.');
  if (!URL.canParse(trimmed)) throw unusable("its parts cannot be told apart");
  return new URL(trimmed);
}

function readSettings(
  parameters: ReadonlyMap<string, string>,
  environment: Environment,
): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const name of Object.values(SETTINGS)) {
    const value = environment[name];
    if (value) settings[name] = value;
  }
  for (const [name, value] of parameters) {
    const variable = SETTINGS[name];
    if (variable !== undefined) settings[variable] = value;
    else if (!NOT_FOR_LIBPQ.has(name)) {
      const near = nearest(name, Object.keys(SETTINGS));
      // A name that nobody knows may be half a password with an unescaped "&": show it only if it is a slip.
      if (near !== undefined) throw unusable(`its parameter ${name} is not known`, `Did you mean ${near}?`);
      throw unusable("it has a parameter that libpq does not know");
    }
  }
  const mode = settings.PGSSLMODE;
  if (mode !== undefined && !SSL_MODES.includes(mode)) {
    throw unusable("its sslmode is not one", `Write one of ${SSL_MODES.join(", ")}.`);
  }
  return settings;
}

function decode(text: string, part: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw unusable(`its ${part} is not percent-encoded rightly`, 'Write %25 for a "%".');
  }
}

function unusable(what: string, fix?: string): SeakeepError {
  return new SeakeepError(
    "SK-POSTGRES-001",
    `The database's URL is not usable: ${what}.`,
    fix ? { fix } : {},
  );
}
