import { formatDuration, milliseconds, Problems, parse, SeakeepError } from "@seakeep/contract";
import { resolveDrill } from "../backup/drill/declaration.ts";
import type { StoreScope } from "../backup/stores/declaration.ts";
import type { Receiver, ReceiverDeclaration } from "../generate/alertmanager/receiver.ts";
import { checkMigrations } from "../migrations/declaration.ts";
import type { Environment } from "../print.ts";
import { resolveRelease } from "../release/declaration.ts";
import { resolveRollback } from "../rollback/declaration.ts";
import type { DefinedOps, OpsDeclaration } from "./define.ts";
import type { NamedValue, Ops } from "./ops.ts";
import { secretFile } from "./ops.ts";
import { SCHEMA } from "./schema.ts";
import {
  longestScrapeInterval,
  SCRAPES_PER_WINDOW,
  shortestWindow,
  usualScrapeInterval,
} from "./scrape-interval.ts";
import type { Secret, Text } from "./values.ts";

/**
 * Checks a declaration and reads the environment it names.
 *
 * @param shown the file's name, for the message
 * @throws {SeakeepError} `SK-CONFIG-005` with every problem at once.
 */
export function resolveOps(declared: DefinedOps, environment: Environment, shown: string): Ops {
  const problems = new Problems();
  // Object.keys leaves out the symbol that marks it.
  const written = Object.fromEntries(Object.entries(declared)) as unknown as OpsDeclaration;
  const wellFormed = parse(SCHEMA, written, "", problems) !== undefined;
  checkSecrets(written, problems);
  const ops = wellFormed ? resolveWellFormed(written, environment, problems) : undefined;
  if (ops !== undefined && problems.list.length === 0) return Object.freeze(ops);
  const count = problems.list.length;
  const what = `${shown} has ${count} problem${count === 1 ? "" : "s"}:\n${problems}`;
  throw new SeakeepError("SK-CONFIG-005", what, { problems: problems.list });
}

const HOST_PORT = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):\d{1,5}$/;

function resolveWellFormed(
  written: OpsDeclaration,
  environment: Environment,
  problems: Problems,
): Ops | undefined {
  const names: NamedValue[] = [];
  const text = textReader(environment, names, problems);
  const addresses = (value: Text | readonly Text[], path: string) => {
    const list: readonly Text[] = Array.isArray(value) ? value : [value as Text];
    const read = list.flatMap((entry) => text(entry, path)?.split(",") ?? []).map((entry) => entry.trim());
    for (const entry of read.filter((candidate) => !HOST_PORT.test(candidate))) {
      problems.add(path, entry, "host:port", 'Write it without a scheme or path, such as "127.0.0.1:9090".');
    }
    return read;
  };
  const secrets = resolveFolder(text(written.secrets ?? "/run/secrets", "secrets"), problems);
  const url = resolveUrl(text(written.url, "url"), problems);
  const { prometheus = {} } = written;
  const targets =
    prometheus.targets === undefined ? [hostPort(url)] : addresses(prometheus.targets, "prometheus.targets");
  const alertmanagers = addresses(prometheus.alertmanagers ?? "127.0.0.1:9093", "prometheus.alertmanagers");
  const [blackbox = ""] = addresses(prometheus.blackbox ?? "127.0.0.1:9115", "prometheus.blackbox");
  const alerting = resolveAlerting(written.alerting, { text, names, secrets, problems });
  const backup = resolveBackup(written.backup, { text, problems });
  const drill = resolveDrill(written.drill, {
    ...{ text, problems, database: isSecret(written.database) ? written.database : undefined },
    nameSecret: ({ name }, path) => names.push({ kind: "secret", name, path, reader: "command" }),
  });
  const signals = resolveSignals(written.signals, { text, names, problems });
  const store = (path: string): StoreScope => ({
    text: (value, key) => text(value, `${path}.${key}`),
    problem: (key, ...rest) => problems.add(`${path}.${key}`, ...rest),
  });
  const release = resolveRelease(written.release, { text, store, problems });
  nameSecrets(written, names);
  checkMigrations(written.migrations, problems);
  return {
    service: written.service,
    url,
    ...(written.database === undefined ? {} : { database: written.database }),
    metrics: { path: "/metrics", ...written.metrics },
    ...(backup === undefined ? {} : { backup }),
    drill,
    ...(written.checks === undefined ? {} : { checks: written.checks }),
    rollback: resolveRollback(written.rollback, problems),
    ...(written.migrations === undefined ? {} : { migrations: written.migrations }),
    ...(alerting === undefined ? {} : { alerting }),
    prometheus: {
      scrapeInterval: resolveScrapeInterval(written, problems),
      targets,
      alertmanagers,
      blackbox,
      externalLabels: prometheus.externalLabels ?? {},
    },
    ...(signals === undefined ? {} : { signals }),
    release,
    secrets,
    names,
  };
}

type ReadText = (value: Text, path: string) => string | undefined;

function textReader(environment: Environment, names: NamedValue[], problems: Problems): ReadText {
  return (value, path) => {
    if (typeof value === "string") return value;
    const found = environment[value.name] || value.fallback;
    names.push({
      kind: "env",
      name: value.name,
      path,
      reader: "command",
      set: Boolean(environment[value.name]),
    });
    if (found === undefined) {
      const fix = `Set ${value.name}, or give a default: env("${value.name}", "...").`;
      problems.add(path, undefined, `the environment variable ${value.name}`, fix);
    }
    return found;
  };
}

/** A wrong URL is reported; what stands in for it is never used. */
function resolveUrl(written: string | undefined, problems: Problems): string {
  const parsed = written !== undefined && URL.canParse(written) ? new URL(written) : undefined;
  if (parsed !== undefined && /^https?:$/.test(parsed.protocol) && parsed.username + parsed.password === "") {
    if (parsed.search + parsed.hash === "") return parsed.href.replace(/\/+$/, "");
  }
  if (written !== undefined) {
    // Not shown as written: it may hold credentials.
    const got = parsed === undefined ? written : `${parsed.protocol}//${parsed.host}${parsed.pathname}`;
    const wanted = "an http(s) URL without credentials, query or fragment";
    problems.add("url", got, wanted, 'Write it like "https://courses.example.org".');
  }
  return "http://127.0.0.1";
}

function resolveFolder(written = "/", problems: Problems): string {
  if (!/^\/[^\n]*$/.test(written)) {
    problems.add(
      "secrets",
      written,
      "an absolute folder",
      "Write it whole: Prometheus and Alertmanager read it.",
    );
  }
  return written.replace(/\/+$/, "");
}

function hostPort(url: string): string {
  const { hostname, port, protocol } = new URL(url);
  return `${hostname}:${port || (protocol === "https:" ? 443 : 80)}`;
}

function resolveScrapeInterval({ service, prometheus }: OpsDeclaration, problems: Problems): number {
  const most = longestScrapeInterval(service.window);
  const written = prometheus?.scrapeInterval;
  if (written === undefined) return usualScrapeInterval(service.window);
  const interval = milliseconds(written)!;
  if (interval < 1000 || interval > most) {
    problems.add(
      "prometheus.scrapeInterval",
      written,
      `between 1s and ${formatDuration(most)}`,
      `The shortest alert window of a ${formatDuration(service.window)} SLO is ` +
        `${formatDuration(shortestWindow(service.window))} and needs ${SCRAPES_PER_WINDOW} scrapes.`,
    );
  }
  return interval;
}

function resolveAlerting(
  written: OpsDeclaration["alerting"],
  scope: { text: ReadText; names: NamedValue[]; secrets: string; problems: Problems },
): Ops["alerting"] {
  if (written === undefined) return undefined;
  const { text, names, secrets, problems } = scope;
  const resolve = (declared: ReceiverDeclaration, path: string): Receiver | undefined =>
    declared.resolve({
      text: (value, key) => text(value, `${path}.${key}`),
      secretFile: (value, key) => {
        if (isSecret(value)) {
          names.push({ kind: "secret", name: value.name, path: `${path}.${key}`, reader: "alertmanager" });
          return secretFile(value, secrets);
        }
        reportPlainSecret(`${path}.${key}`, problems);
        return undefined;
      },
      problem: (key, ...rest) => problems.add(`${path}.${key}`, ...rest),
    });
  const page = resolve(written.page, "alerting.page");
  const ticket = resolve(written.ticket, "alerting.ticket");
  return page && ticket && { page, ticket };
}

function resolveBackup(
  written: OpsDeclaration["backup"],
  { text, problems }: { text: ReadText; problems: Problems },
): Ops["backup"] {
  if (written === undefined) return undefined;
  const store = written.store.resolve({
    text: (value, key) => text(value, `backup.store.${key}`),
    problem: (key, ...rest) => problems.add(`backup.store.${key}`, ...rest),
  });
  const recipients = (written.recipients ?? []).flatMap(
    (recipient, index) => text(recipient, `backup.recipients[${index}]`) ?? [],
  );
  const { keep } = written;
  return store && { store, ...(keep === undefined ? {} : { keep }), recipients };
}

function resolveSignals(
  written: OpsDeclaration["signals"],
  { text, names, problems }: { text: ReadText; names: NamedValue[]; problems: Problems },
): Ops["signals"] {
  return written?.resolve({
    text: (value, key) => text(value, `signals.${key}`),
    secret: (value, key) => {
      if (isSecret(value)) {
        names.push({ kind: "secret", name: value.name, path: `signals.${key}`, reader: "command" });
        return value;
      }
      reportPlainSecret(`signals.${key}`, problems);
      return undefined;
    },
    problem: (key, ...rest) => problems.add(`signals.${key}`, ...rest),
  });
}

function checkSecrets(written: OpsDeclaration, problems: Problems): void {
  for (const [path, value] of secretsOf(written)) if (!isSecret(value)) reportPlainSecret(path, problems);
}

function nameSecrets(written: OpsDeclaration, names: NamedValue[]): void {
  for (const [path, { name }] of secretsOf(written))
    names.push({ kind: "secret", name, path, reader: "command" });
}

/** The secrets that the command itself reads. */
function secretsOf({ database, metrics, release }: OpsDeclaration): [path: string, secret: Secret][] {
  const needed = (release?.needs ?? []).flatMap((value, index) =>
    isSecret(value) ? [[`release.needs[${index}]`, value] as const] : [],
  );
  return Object.entries({ database, "metrics.token": metrics?.token, ...Object.fromEntries(needed) }).filter(
    (entry): entry is [string, Secret] => entry[1] !== undefined,
  );
}

/** What was got is not shown: somebody may have put the secret itself. */
function reportPlainSecret(path: string, problems: Problems): void {
  const fix = 'Name it, such as secret("DATABASE_URL"). Its value stays out of every file.';
  problems.report({ path, got: "a plain value", wanted: "a secret by its name", fix });
}

function isSecret(value: unknown): value is Secret {
  return (value as Partial<Secret> | null)?.kind === "secret";
}
