import { SeakeepError } from "@seakeep/contract";
import type { Environment } from "../print.ts";

/** A text that the environment gives when the configuration is loaded. */
export interface EnvValue {
  readonly kind: "env";
  readonly name: string;
  readonly fallback?: string;
}

/** A text as written in a configuration: itself, or a name to look up. */
export type Text = string | EnvValue;

/** A secret by its name. Its value never enters a configuration, a generated file, a log line or an error. */
export interface Secret {
  readonly kind: "secret";
  readonly name: string;
  /** Where Prometheus and Alertmanager read it; default: `<secrets folder>/<name>`. */
  readonly file?: string;
}

/**
 * A setting that differs between places, read from the environment when the configuration is loaded. Not for secrets:
 * its value is written into generated files.
 *
 * @param fallback used when the variable is not set or empty; without one a missing variable is an error
 * @example
 * defineOps({ service, url: env("SERVICE_URL", "http://127.0.0.1:3000") });
 */
export function env(name: string, fallback?: string): EnvValue {
  return { kind: "env", name, ...(fallback === undefined ? {} : { fallback }) };
}

/**
 * A secret, by the name of its environment variable. The command reads `NAME`, or the file that `NAME_FILE` names;
 * generated files only point at a file for Prometheus and Alertmanager to read.
 *
 * @param options.file absolute path of that file; default: the name in the folder `secrets` of the configuration
 * @example
 * pagerduty(secret("PD_KEY")); // Alertmanager reads /run/secrets/PD_KEY
 */
export function secret(name: string, options: { readonly file?: string } = {}): Secret {
  return { kind: "secret", name, ...(options.file === undefined ? {} : { file: options.file }) };
}

/**
 * The value of a secret, for the command's own use: from the variable of its name, else from the file that the
 * variable `<name>_FILE` names. `undefined` when neither is set.
 *
 * @throws {SeakeepError} `SK-CONFIG-006` when the named file cannot be read.
 */
export async function readSecret(
  { name }: Secret,
  environment: Environment,
  readFile: (path: string) => Promise<string>,
): Promise<string | undefined> {
  const direct = environment[name];
  if (direct) return direct;
  const path = environment[`${name}_FILE`];
  if (!path) return undefined;
  try {
    return (await readFile(path)).trim();
  } catch (cause) {
    throw new SeakeepError("SK-CONFIG-006", `The file that ${name}_FILE names could not be read: ${path}.`, {
      cause,
    });
  }
}
