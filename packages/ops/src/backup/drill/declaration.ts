import { milliseconds, NAMES, type Problems } from "@seakeep/contract";
import * as v from "valibot";
import type { Check } from "../../checks/check.ts";
import type { Secret, Text } from "../../config/values.ts";
import type { Expectation } from "./expectation.ts";

/** How `seakeep drill` starts the service on a restored database, as written in `seakeep.config.ts`. */
export interface BootDeclaration {
  /** The program and its arguments, without a shell. It runs in the folder of `seakeep.config.ts`. */
  readonly command: readonly string[];
  /**
   * Its environment: nothing else of the drill's own is passed on but `PATH`. A service under drill that knows nothing
   * of production cannot reach it.
   */
  readonly env?: Readonly<Record<string, Text | Secret>>;
  /** Variable that gets the restored database's URL; default: the name of the secret `database`, else `DATABASE_URL`. */
  readonly database?: string;
  /** Variable that gets the port to listen on, on 127.0.0.1; default `PORT`. */
  readonly port?: string;
  /** Path that answers 200 once the service is ready; default `"/readyz"`. */
  readonly ready?: string;
  /** How long that may take, `"1s"` to `"10m"`; default `"30s"`. */
  readonly within?: string;
  /** What to run against it; default: the configuration's `checks`. Leave out what only production has, such as TLS. */
  readonly checks?: readonly Check[];
}

/** How `seakeep drill` proves the backups, as written. */
export interface DrillDeclaration {
  /** How often a drill is due; default: never, nobody is told when none runs. */
  readonly every?: string;
  /** What must hold of the data of a restored backup. */
  readonly expect?: readonly Expectation[];
  /** Start the service on the newest backup, restored, and run the configured checks against it. Default: do not. */
  readonly boot?: BootDeclaration;
}

/** The same, checked. */
export interface BootSettings {
  readonly command: readonly [program: string, ...args: string[]];
  readonly env: Readonly<Record<string, string | Secret>>;
  readonly database: string;
  readonly port: string;
  readonly ready: string;
  /** Milliseconds. */
  readonly within: number;
  /** Absent: those of the configuration. */
  readonly checks?: readonly Check[];
}

/** The same, checked. */
export interface DrillSettings {
  /** Milliseconds. */
  readonly every?: number;
  readonly expect: readonly Expectation[];
  readonly boot?: BootSettings;
}

const is = (value: unknown, kind: string): boolean => {
  const named = value as { readonly kind?: unknown; readonly name?: unknown } | null;
  return named?.kind === kind && typeof named.name === "string";
};
const duration = (wanted: string) =>
  v.custom<string>((value) => typeof value === "string" && milliseconds(value) !== undefined, wanted);
const VARIABLE = "the name of a variable";
const variable = v.pipe(v.string(VARIABLE), v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, VARIABLE));
const COMMAND = 'a program and its arguments, such as ["node", "dist/server.js"]';
const PATH = 'a path such as "/readyz"';

/** The shape of the section `drill`. */
export const DRILL_SCHEMA: v.GenericSchema = v.strictObject(
  {
    every: v.optional(duration('a duration such as "7d"')),
    expect: v.optional(
      v.array(
        v.custom<Expectation>(
          (value) => is(value, "sql") && typeof (value as Partial<Expectation>).query === "string",
          'an expectation such as sql("every course has an owner", "select ...")',
        ),
        "a list of expectations",
      ),
    ),
    boot: v.optional(
      v.strictObject(
        {
          command: v.pipe(
            v.array(v.pipe(v.string(COMMAND), v.minLength(1, COMMAND)), COMMAND),
            v.minLength(1, COMMAND),
          ),
          env: v.optional(
            v.record(
              variable,
              v.custom<Text | Secret>(
                (value) => typeof value === "string" || is(value, "env") || is(value, "secret"),
                'a text, env("NAME") or secret("NAME")',
              ),
              'an object such as { JWT_SECRET: "only for drills" }',
            ),
          ),
          database: v.optional(variable),
          port: v.optional(variable),
          ready: v.optional(v.pipe(v.string(PATH), v.regex(/^\/[^\s#]*$/, PATH))),
          within: v.optional(duration('a duration such as "30s"')),
          checks: v.optional(
            v.array(
              v.custom<Check>(
                (value) => typeof (value as Partial<Check> | null)?.run === "function",
                "a check such as health()",
              ),
              "a list of checks",
            ),
          ),
        },
        'an object such as { command: ["node", "dist/server.js"] }',
      ),
    ),
  },
  'an object such as { every: "7d", expect: [sql("...", "select ...")] }',
);

/** What resolving needs of the configuration around it. */
export interface DrillScope {
  readonly text: (written: Text, path: string) => string | undefined;
  /** Hears of each secret that the command will read. */
  readonly nameSecret: (secret: Secret, path: string) => void;
  /** Of the service in production. */
  readonly database: Secret | undefined;
  readonly problems: Problems;
}

/** Shorter, and a drill would still run when the next is due. */
const SHORTEST_DRILL = 3_600_000;

/** Judges what a well-formed section means. */
export function resolveDrill(written: DrillDeclaration = {}, scope: DrillScope): DrillSettings {
  const { problems } = scope;
  const every = written.every === undefined ? undefined : milliseconds(written.every)!;
  if (every !== undefined && every < SHORTEST_DRILL) {
    problems.add("drill.every", written.every, 'at least "1h"', 'Once a week is usual: "7d".');
  }
  const { expect = [] } = written;
  checkExpectations(expect, problems);
  const boot = written.boot && resolveBoot(written.boot, scope);
  return { ...(every === undefined ? {} : { every }), expect, ...(boot && { boot }) };
}

function checkExpectations(expect: readonly Expectation[], problems: Problems): void {
  for (const [index, { name, query }] of expect.entries()) {
    const path = `drill.expect[${index}]`;
    if (name.trim() === "") problems.add(`${path}.name`, name, "what is expected, in words", "Name it.");
    if (query.trim() === "") {
      problems.add(`${path}.query`, query, "a query that answers one boolean", 'Such as "select true".');
    }
    if (expect.findIndex((other) => other.name === name) < index) {
      const fix = "Reports tell expectations apart by their names.";
      problems.add(`${path}.name`, name, "a name of its own", fix);
    }
  }
}

function resolveBoot(written: BootDeclaration, scope: DrillScope): BootSettings {
  const { problems, text, nameSecret } = scope;
  const database = written.database ?? scope.database?.name ?? NAMES.environment.databaseUrl;
  const port = written.port ?? "PORT";
  if (database === port) {
    problems.add("drill.boot.port", port, `another variable than ${database}`, "Each holds one thing.");
  }
  const env: Record<string, string | Secret> = {};
  for (const [name, value] of Object.entries(written.env ?? {})) {
    const path = `drill.boot.env.${name}`;
    if (name === database || name === port) {
      problems.add(path, undefined, "no value: the drill sets it", "Leave it out.");
    }
    if (typeof value === "object" && value.name === scope.database?.name) {
      const fix = "Leave it out: a service under drill must not reach production.";
      problems.add(path, `the secret ${value.name}`, "anything but the database of production", fix);
    }
    if (typeof value === "object" && value.kind === "secret") {
      nameSecret(value, path);
      env[name] = value;
    } else env[name] = text(value, path) ?? "";
  }
  const within = milliseconds(written.within ?? "30s")!;
  if (within < 1000 || within > 600_000) {
    problems.add("drill.boot.within", written.within, '"1s" to "10m"', '"30s" is usual.');
  }
  const [program = "", ...args] = written.command;
  const { ready = NAMES.paths.ready, checks } = written;
  return {
    ...{ command: [program, ...args], env, database, port, ready, within },
    ...(checks && { checks }),
  };
}
