import { isAbsolute, resolve as resolvePath } from "node:path";
import { formatDuration, milliseconds } from "@seakeep/contract";
import type { Text } from "../../config/values.ts";
import type { SignalsDeclaration, SignalsSettings } from "../declaration.ts";

/** Options of {@link embedded}. */
export interface EmbeddedOptions {
  /** Absolute path of the file; it is made when the folder exists. */
  readonly path: Text;
  /** How long samples are kept; default `"30d"`. */
  readonly retention?: string;
}

/** Settings of embedded signals, which the recorder needs as well. */
export interface EmbeddedSettings extends SignalsSettings {
  readonly kind: "embedded";
  /** Absolute path. */
  readonly where: string;
  /** Milliseconds. */
  readonly retention: number;
}

const DAY = 86_400_000;
const SHORTEST = 3_600_000;
const LONGEST = 400 * DAY;

/**
 * Signals from a file of Seakeep's own, which `seakeep signals scrape` fills: for a service without a Prometheus.
 *
 * @example
 * defineOps({ service, url, signals: embedded({ path: "/var/lib/seakeep/courses.db" }) });
 */
export function embedded(options: EmbeddedOptions): SignalsDeclaration {
  return {
    kind: "embedded",
    resolve({ text, problem }) {
      const unknown = Object.keys(options).filter((key) => !["path", "retention"].includes(key));
      for (const key of unknown) problem(key, "an unknown key", "path or retention", "Remove it.");
      const path = text(options.path, "path");
      if (path !== undefined && (!isAbsolute(path) || path.includes("\0"))) {
        problem(
          "path",
          path,
          "an absolute path",
          "Write it from the root, such as /var/lib/seakeep/courses.db.",
        );
      }
      const written = options.retention ?? "30d";
      const retention = typeof written === "string" ? milliseconds(written) : undefined;
      if (retention === undefined || retention < SHORTEST || retention > LONGEST) {
        const wanted = `a duration from ${formatDuration(SHORTEST)} to ${formatDuration(LONGEST)}`;
        problem("retention", written, wanted, 'Write it like "30d": the period of the error budgets.');
        return undefined;
      }
      if (path === undefined || !isAbsolute(path) || unknown.length > 0) return undefined;
      const where = resolvePath(path);
      const settings: EmbeddedSettings = {
        kind: "embedded",
        where,
        retention,
        // Only who uses it pays for loading the database.
        open: async (edges) => (await import("./open.ts")).openEmbedded(where, edges),
      };
      return settings;
    },
  };
}

/** True for what {@link embedded} resolves to. */
export function isEmbedded(settings: SignalsSettings | undefined): settings is EmbeddedSettings {
  return settings?.kind === "embedded";
}
