/** Everything the service can be told, read once at the start and passed down as a value. */
export interface Config {
  readonly databaseUrl: string;
  readonly databasePool: number;
  readonly jwtSecret: string;
  readonly host: string;
  readonly port: number;
  /** Addresses or CIDR ranges of the proxies in front; only they are believed about the client's address. */
  readonly trustedProxies: readonly string[];
  readonly uploadDir: string;
  readonly uploadMaxBytes: number;
  /** Where outgoing mail is written, one file a message. */
  readonly mailDir: string;
  /** Requests a minute from one address, and the stricter figure for attempts at a password. */
  readonly rateLimit: number;
  readonly loginRateLimit: number;
  /** How long to go on taking requests after `/readyz` says no: as long as a load balancer takes to notice. */
  readonly drainMs: number;
  readonly shutdownTimeoutMs: number;
  readonly accessLog: boolean;
  readonly release: string;
  /** Rehearsals only: lets a caller on this machine break the service on purpose. */
  readonly faults: boolean;
}

/** Names every variable that is wrong, so that one restart mends them all. Never repeats a secret. */
export class ConfigError extends Error {
  constructor(problems: readonly string[]) {
    super(`The environment is not right:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
  }
}

type Env = Readonly<Record<string, string | undefined>>;
type Parse<T> = (text: string) => T | undefined;

export function readConfig(env: Env): Config {
  const { read, finish } = reader(env);
  return finish({
    databaseUrl: read("DATABASE_URL", databaseUrl, "a postgres:// URL"),
    databasePool: read("DATABASE_POOL", integer(1, 100), "a whole number from 1 to 100", "10"),
    jwtSecret: read("JWT_SECRET", secret, "at least 32 characters, such as `openssl rand -base64 32` prints"),
    host: read("HOST", text, "an address to listen on", "127.0.0.1"),
    port: read("PORT", integer(0, 65_535), "a port from 0 (any free one) to 65535", "3000"),
    trustedProxies: read("TRUSTED_PROXIES", list, "addresses or CIDR ranges, separated by commas", ""),
    uploadDir: read("UPLOAD_DIR", text, "a folder", "data/uploads"),
    uploadMaxBytes: read("UPLOAD_MAX_BYTES", integer(1, 2 ** 40), "a number of bytes", String(20 * 2 ** 20)),
    mailDir: read("MAIL_DIR", text, "a folder", "data/mail"),
    rateLimit: read("RATE_LIMIT", integer(1, 1e9), "requests a minute", "600"),
    loginRateLimit: read("LOGIN_RATE_LIMIT", integer(1, 1e9), "attempts a minute", "10"),
    drainMs: read("DRAIN_MS", integer(0, 600_000), "milliseconds", "0"),
    shutdownTimeoutMs: read("SHUTDOWN_TIMEOUT_MS", integer(0, 600_000), "milliseconds", "10000"),
    accessLog: read("ACCESS_LOG", onOrOff, "on or off", "on"),
    release: read("RELEASE", text, "a version", "dev"),
    faults: read("FAULTS", oneOrZero, "1 or 0", "0"),
  });
}

/** The part that `migrate` and `seed` need. */
export function readDatabaseUrl(env: Env): string {
  const { read, finish } = reader(env);
  return finish({ url: read("DATABASE_URL", databaseUrl, "a postgres:// URL") }).url;
}

function reader(env: Env) {
  const problems: string[] = [];
  return {
    read<T>(name: string, parse: Parse<T>, wanted: string, fallback?: string): T {
      const given = env[name] || undefined;
      const value = parse(given ?? fallback ?? "");
      if (value === undefined)
        problems.push(`${name} ${given ? "must be" : "is missing; it must be"} ${wanted}`);
      return value as T;
    },
    finish<T>(config: T): T {
      if (problems.length > 0) throw new ConfigError(problems);
      return config;
    },
  };
}

const text: Parse<string> = (value) => value || undefined;
const list: Parse<string[]> = (value) => value.split(",").flatMap((item) => item.trim() || []);
const secret: Parse<string> = (value) => (value.length >= 32 ? value : undefined);
const onOrOff: Parse<boolean> = (value) => ({ on: true, off: false })[value];
const oneOrZero: Parse<boolean> = (value) => ({ "1": true, "0": false })[value];
const databaseUrl: Parse<string> = (value) =>
  URL.canParse(value) && /^postgres(ql)?:$/.test(new URL(value).protocol) ? value : undefined;

function integer(min: number, max: number): Parse<number> {
  return (value) => {
    const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
    return number >= min && number <= max ? number : undefined;
  };
}
