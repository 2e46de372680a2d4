import * as v from "valibot";
import { parseDocument } from "../document.ts";
import type { BootResult } from "./boot.ts";
import type { ExpectationResult } from "./expect.ts";

/** A recovery target beside what was measured. Unknown is never a pass. */
export interface Objective {
  /** Absent: nothing could be measured. */
  readonly seconds?: number;
  /** What the declaration promises; absent: nothing. */
  readonly declaredSeconds?: number;
  readonly verdict: "met" | "missed" | "not declared" | "not measured" | "not judged";
}

/** What one drill showed. */
export interface DrillReport {
  readonly format: 1;
  /** Rises by one a drill of a service. */
  readonly number: number;
  /** Of the backup. */
  readonly id: string;
  readonly service: string;
  /** Checksum of the manifest that the restored database was held against; absent: it cannot be read. */
  readonly manifest?: string;
  readonly tool: string;
  /** RFC 3339, the store's clock when the drill began. */
  readonly startedAt: string;
  /** RFC 3339, the database's clock at the backup's snapshot. */
  readonly snapshotAt?: string;
  /** What it was restored to; absent: it came to no restore. */
  readonly server?: { readonly kind: "scratch" | "declared"; readonly version: number };
  readonly passed: boolean;
  /** The restored database is what the manifest says. */
  readonly validated: boolean;
  /** Why not, in words. */
  readonly problems: readonly string[];
  readonly tables: number;
  readonly rows: number;
  readonly expectations: readonly ExpectationResult[];
  /** What became of the service on the restored database; absent: it was not to be started. */
  readonly boot?: BootResult;
  /** From the first byte fetched to the last table compared. */
  readonly rto: Objective;
  /** Age of the snapshot when the drill began: what a disaster at that moment would have cost. */
  readonly rpo: Objective;
  /** SHA-256 of the report before this one, of its very bytes, hex; null: this is the first. */
  readonly previous: string | null;
}

const objective = v.object({
  seconds: v.exactOptional(v.number()),
  declaredSeconds: v.exactOptional(v.number()),
  verdict: v.picklist(["met", "missed", "not declared", "not measured", "not judged"]),
});

const SCHEMA: v.GenericSchema<unknown, DrillReport> = v.object({
  format: v.literal(1),
  number: v.pipe(v.number(), v.integer(), v.minValue(1)),
  id: v.string(),
  service: v.string(),
  manifest: v.exactOptional(v.string()),
  tool: v.string(),
  startedAt: v.pipe(
    v.string(),
    v.check((text) => !Number.isNaN(Date.parse(text))),
  ),
  snapshotAt: v.exactOptional(v.string()),
  server: v.exactOptional(v.object({ kind: v.picklist(["scratch", "declared"]), version: v.number() })),
  passed: v.boolean(),
  validated: v.boolean(),
  problems: v.array(v.string()),
  tables: v.number(),
  rows: v.number(),
  expectations: v.array(
    v.object({ name: v.string(), passed: v.boolean(), problem: v.exactOptional(v.string()) }),
  ),
  boot: v.exactOptional(
    v.object({
      passed: v.boolean(),
      seconds: v.exactOptional(v.number()),
      problem: v.exactOptional(v.string()),
      checks: v.array(
        v.object({
          name: v.string(),
          verdict: v.picklist(["passed", "failed", "unknown"]),
          reason: v.string(),
        }),
      ),
    }),
  ),
  rto: objective,
  rpo: objective,
  previous: v.nullable(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))),
});

/** `undefined` for anything that is no report. */
export function parseReport(text: string): DrillReport | undefined {
  return parseDocument(SCHEMA, text);
}

/** The bytes that are stored, and that the next report carries the hash of. */
export function renderReport(report: DrillReport): string {
  return `${JSON.stringify(report, undefined, 2)}\n`;
}
