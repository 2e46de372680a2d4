/** A kind of finding. */
export interface SarifRule {
  /** Stable, so that a finding can be dismissed for good: `metrics-gate`. */
  readonly id: string;
  /** One sentence: what it finds. */
  readonly description: string;
  /** Where it is explained. */
  readonly helpUri?: string;
}

/** Where a finding is. Lines and columns count from one, columns in UTF-16 units, as editors do. */
export interface SarifPlace {
  /** A path below the repository's root, or an absolute URL. */
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  readonly endLine?: number;
  /** The column after the last character. */
  readonly endColumn?: number;
}

/** One finding. */
export interface SarifResult {
  /** One of the rules'. */
  readonly ruleId: string;
  readonly level: "error" | "warning" | "note";
  /** What was found, and what to do about it. */
  readonly message: string;
  readonly place?: SarifPlace;
  /** What tells this finding from others of its rule at the same place, from run to run. */
  readonly fingerprint?: string;
}

/** What one run of a tool found. */
export interface SarifRun {
  readonly tool: { readonly name: string; readonly version: string };
  readonly rules: readonly SarifRule[];
  readonly results: readonly SarifResult[];
  /** False when the run could not see everything: then no result is no pass. Default true. */
  readonly complete?: boolean;
}

/**
 * A SARIF 2.1.0 log of one run, as an object: code scanning of GitHub and GitLab, and most editors, read it.
 *
 * @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 * @example
 * sarif({ tool: { name: "seakeep migrations lint", version }, rules, results });
 */
export function sarif({ tool, rules, results, complete = true }: SarifRun): object {
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: tool.name,
            version: tool.version,
            informationUri: "https://github.com/seakeep/seakeep",
            rules: rules.map(({ id, description, helpUri }) => ({
              id,
              shortDescription: { text: description },
              ...(helpUri === undefined ? {} : { helpUri }),
            })),
          },
        },
        columnKind: "utf16CodeUnits",
        invocations: [{ executionSuccessful: complete }],
        results: results.map(({ ruleId, level, message, place, fingerprint }) => ({
          ruleId,
          ruleIndex: rules.findIndex(({ id }) => id === ruleId),
          level,
          message: { text: message },
          ...(place === undefined ? {} : { locations: [location(place)] }),
          ...(fingerprint === undefined ? {} : { partialFingerprints: { "seakeep/v1": fingerprint } }),
        })),
      },
    ],
  };
}

function location({ file, line, column, endLine, endColumn }: SarifPlace): object {
  const region = { startLine: line, startColumn: column, endLine, endColumn };
  const known = Object.entries(region).filter(([, value]) => value !== undefined);
  return {
    physicalLocation: {
      artifactLocation: { uri: uri(file) },
      ...(line === undefined ? {} : { region: Object.fromEntries(known) }),
    },
  };
}

/** A path as a URI reference (RFC 3986): each part by itself, with slashes between them. */
function uri(file: string): string {
  if (/^https?:\/\//.test(file)) return file;
  const parts = file.replaceAll("\\", "/").split("/").map(encodeURIComponent);
  // A colon in the first part would make a scheme of it; encodeURIComponent has spelled it out.
  return parts.join("/");
}
