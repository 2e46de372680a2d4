import { availability, defineService, errors, latency } from "@seakeep/contract";
import type { BackupEntry } from "../../backup/catalog.ts";
import type { DrillReport } from "../../backup/drill/report.ts";
import type { CheckReport, CheckResult } from "../../checks/report.ts";
import { defineOps, type OpsDeclaration } from "../../config/define.ts";
import type { Ops } from "../../config/ops.ts";
import { resolveOps } from "../../config/resolve.ts";
import { env, secret } from "../../config/values.ts";
import type { GateName } from "../gate-names.ts";
import type { Facts, PendingMigration, WorkingTree } from "./facts.ts";

const NOW = new Date("2026-11-23T06:30:00Z");
const DAY = 86_400_000;
const ago = (ms: number): string => new Date(NOW.getTime() - ms).toISOString();

const service = defineService({
  name: "shop",
  owner: "sales",
  slos: [
    errors({ objective: 99 }),
    latency({ objective: 95, threshold: "500ms" }),
    availability({ objective: 99.9, probe: "/healthz" }),
  ],
  recovery: { rpo: "24h", rto: "1h" },
});

/** A resolved configuration of a service that has everything. */
export function opsOf(more: Partial<OpsDeclaration> = {}): Ops {
  const declared = {
    ...{ service, url: env("SERVICE_URL", "https://shop.example.org") },
    ...{ database: secret("DATABASE_URL"), metrics: { token: secret("METRICS_TOKEN") } },
    drill: { every: "7d" },
    ...more,
  };
  return resolveOps(defineOps(declared), {}, "seakeep.config.ts");
}

const DATABASE = { name: "shop", system: "7301", version: 150018, encoding: "UTF8", collation: "C" };

interface Backup {
  readonly id: string;
  readonly state: BackupEntry["state"];
  readonly age?: number;
  readonly name?: string;
  readonly system?: string;
}

/** As much of an entry as a gate looks at. */
function backup({ id, state, age = 3_600_000, name = "shop", system = "7301" }: Backup): BackupEntry {
  const manifest = {
    id,
    checksum: "c".repeat(64),
    snapshotAt: ago(age),
    database: { ...DATABASE, name, system },
  };
  const proof = { at: ago(age / 2), by: "drill" };
  const problems = state === "damaged" ? ["archive.dump: it is not in the store."] : [];
  return { id, state, problems, manifest, ...(state === "proven" && { proof }) } as unknown as BackupEntry;
}

const backups = (...list: readonly Backup[]): Partial<Facts> => ({
  backups: async () => ({ backups: list.map(backup), now: NOW }),
});

const report = (more: Partial<DrillReport> = {}): DrillReport => ({
  ...{
    format: 1,
    number: 3,
    id: "b1",
    service: "shop",
    tool: "seakeep 1",
    startedAt: ago(3 * DAY),
    passed: true,
  },
  ...{ validated: true, problems: [], tables: 1, rows: 3, expectations: [], previous: "a".repeat(64) },
  rto: { seconds: 4, declaredSeconds: 3600, verdict: "met" },
  rpo: { seconds: 60, declaredSeconds: 86_400, verdict: "met" },
  ...more,
});

const drills = (
  newest: DrillReport | undefined,
  problems: readonly string[] = [],
  last = 3,
): Partial<Facts> => ({
  drills: async () => ({ ...(newest && { newest }), last, problems }),
});

const tree = (more: Partial<WorkingTree>): Partial<Facts> => ({
  tree: async () => ({ commit: "a".repeat(40), tags: ["v1.4.2"], changed: [], ...more }),
});

const page = (severity: string) => ({
  name: "ErrorBudgetBurn",
  labels: { severity, slo: "shop/errors", service: "shop" },
  since: new Date(ago(600_000)),
});

const checked = (
  ...results: readonly (readonly [name: string, verdict: CheckResult["verdict"]])[]
): Partial<Facts> => ({
  checks: async () =>
    ({
      ...{
        ok: false,
        verdict: "unknown",
        url: "https://shop.example.org/",
        startedAt: ago(0),
        durationMs: 5,
      },
      checks: results.map(([name, verdict]) => ({
        ...{ name, kind: name, verdict, reason: `${name} is ${verdict}.`, findings: [], notes: [] },
        ...{ durationMs: 1, attempts: [{ verdict, reason: "", durationMs: 1, evidence: [] }] },
      })),
    }) satisfies CheckReport,
});

const pending = (...list: readonly Partial<PendingMigration>[]): Partial<Facts> => ({
  migrations: async () => ({
    foreign: [],
    pending: list.map((more, index) => ({
      name: `00${index + 4}_more`,
      proof: {
        class: "forward-compatible",
        data: "b1",
        evidence: ["The previous release's statements ran."],
      },
      ...{ stale: false, unsafe: [], allowed: [] },
      ...more,
    })),
  }),
});

/** One that nobody has proven. */
const unproven = (stale: boolean): Partial<Facts> => ({
  migrations: async () => ({ foreign: [], pending: [{ name: "004_more", stale, unsafe: [], allowed: [] }] }),
});

const files = (
  ...states: readonly ("same" | "changed" | "missing" | "extra" | "foreign")[]
): Partial<Facts> => ({
  generated: async () =>
    states.map((state, index) => ({ path: `f${index}.yml`, state, wanted: "", found: "" })),
});

/** `undefined`: nothing is known; `"quiet"`: nothing happened. */
const budgets = (...left: readonly (number | "quiet" | undefined)[]): Partial<Facts> => ({
  budgets: async () =>
    left.map((share, index) => {
      const count = { bad: 1, total: share === "quiet" ? 0 : 1000, coverage: 0.9 };
      return {
        slo: `slo-${index}`,
        ...(share !== undefined && { count, left: share === "quiet" ? 1 : share }),
      };
    }),
});

/** A world in which every gate opens. */
export const HEALTHY: Facts = {
  ...{
    database: async () => DATABASE,
    has: async () => true,
    alerts: async () => ({ by: "rules", firing: [] }),
  },
  ...(backups({ id: "b1", state: "proven" }) as Pick<Facts, "backups">),
  ...(drills(report()) as Pick<Facts, "drills">),
  ...(tree({}) as Pick<Facts, "tree">),
  ...(checked(["health", "passed"]) as Pick<Facts, "checks">),
  ...(pending({}) as Pick<Facts, "migrations">),
  ...(files("same", "same") as Pick<Facts, "generated">),
  ...(budgets(0.8, 0.3, 1) as Pick<Facts, "budgets">),
};

/** One world, and what the gate says of it. */
export interface GateCase {
  readonly facts: Partial<Facts>;
  readonly ops?: Partial<OpsDeclaration>;
  readonly version?: string;
  /** A part of the reason. */
  readonly says: string;
}

/** What each gate must say of which world; each world is healthy but for what it names. */
export interface GateCases {
  readonly passes?: Readonly<Record<string, GateCase>>;
  readonly fails: Readonly<Record<string, GateCase>>;
  readonly unknown: Readonly<Record<string, GateCase>>;
}

export const GATE_NOW: Date = NOW;
const nothing = async () => undefined;
const unpromised = defineService({ name: "shop", owner: "sales", slos: [errors({ objective: 99 })] });

export const CASES: Readonly<Record<GateName, GateCases>> = {
  tree: {
    passes: {
      "a commit without a tag": { facts: tree({ tags: [] }), says: "aaaaaaaaaaaa is commit aaaaaaaaaaaa" },
      "a version that is no tag": { facts: tree({}), version: "build-77", says: "build-77 is commit" },
      "a version that is the tag": {
        facts: tree({ versionCommit: "a".repeat(40) }),
        version: "v1.4.2",
        says: "v1.4.2 is",
      },
    },
    fails: {
      "changed files": {
        facts: tree({ changed: ["a", "b", "c", "d", "e", "f"] }),
        says: "6 paths differ from commit aaaaaaaaaaaa: a, b, c, d, e and 1 more",
      },
      "another commit's tag": {
        facts: tree({ versionCommit: "b".repeat(40) }),
        version: "v1.4.1",
        says: "v1.4.1 is commit bbbbbbbbbbbb, and aaaaaaaaaaaa is checked out",
      },
    },
    unknown: { "no repository": { facts: { tree: nothing }, says: "no git repository" } },
  },
  configuration: {
    passes: {
      "what Alertmanager reads": {
        facts: { has: async ({ name }) => name !== "PD_KEY" },
        says: "all 3 variables",
      },
    },
    fails: {
      "a missing secret": {
        facts: { has: async ({ name }) => name !== "DATABASE_URL" },
        says: "DATABASE_URL (database) is not set",
      },
      "a missing need": {
        facts: { has: async ({ name }) => name !== "SENTRY_DSN" },
        ops: { release: { needs: [secret("SENTRY_DSN")] } },
        says: "SENTRY_DSN (release.needs[0])",
      },
    },
    unknown: {},
  },
  drift: {
    fails: {
      "a changed file": {
        facts: files("same", "changed"),
        says: "1 of 2 generated files are not as declared: f1.yml (changed)",
      },
      "a missing file": { facts: files("missing", "same"), says: "f0.yml (missing)" },
      "a file left over": { facts: files("same", "extra"), says: "f1.yml (extra)" },
    },
    unknown: { "no file": { facts: files(), says: "Nothing is generated" } },
  },
  checks: {
    fails: {
      "a failed check": {
        facts: checked(["health", "passed"], ["openapi", "unknown"], ["gate", "failed"]),
        says: "gate: gate is failed. (and 1 more)",
      },
    },
    unknown: {
      "an unknown check": {
        facts: checked(["health", "passed"], ["openapi", "unknown"]),
        says: "openapi: openapi is unknown.",
      },
      "no check": { facts: checked(), says: "No check was run" },
    },
  },
  pages: {
    passes: {
      "a ticket": {
        facts: { alerts: async () => ({ by: "rules", firing: [page("ticket")] }) },
        says: "(1 of lower severity)",
      },
    },
    fails: {
      "a page": {
        facts: { alerts: async () => ({ by: "rules", firing: [page("ticket"), page("page")] }) },
        says: "ErrorBudgetBurn of shop/errors has been paging for 10 min",
      },
    },
    unknown: {
      "nothing configured": { facts: { alerts: nothing }, says: "Nothing is configured" },
      "no rules": {
        facts: { alerts: async () => ({ by: "rules" }) },
        says: "No rule of this service is evaluated",
      },
      "too little": { facts: { alerts: async () => ({ by: "burn rates" }) }, says: "Too little was seen" },
    },
  },
  budget: {
    passes: {
      "a route that nobody called": {
        facts: budgets(0.5, "quiet"),
        says: "The least that is left is 50 %, of slo-0",
      },
      "more than is asked for": {
        facts: budgets(0.5, 0.21),
        ops: { release: { budgetLeft: 20 } },
        says: "The least that is left is 21 %, of slo-1",
      },
    },
    fails: {
      "a spent budget": { facts: budgets(0.5, 0), says: "slo-1 has 0 % of its error budget left" },
      "an overspent budget": {
        facts: budgets(0.5, -2, -1),
        says: "slo-1 has 0 % of its error budget left, and is overspent",
      },
      "as much as is asked for": {
        facts: budgets(0.2),
        ops: { release: { budgetLeft: 20 } },
        says: "more than 20 % is asked for",
      },
      "a spent one beside an unmeasured one": { facts: budgets(undefined, -1), says: "slo-1" },
    },
    unknown: {
      "nothing configured": { facts: { budgets: nothing }, says: "Nothing is configured" },
      "an SLO without data": {
        facts: budgets(1, undefined),
        says: "Nothing was seen of slo-1",
      },
      "no SLO": { facts: budgets(), says: "Nothing happened" },
      "hardly anything of the period": {
        facts: {
          budgets: async () => [{ slo: "errors", left: 1, count: { bad: 0, total: 900, coverage: 0.001 } }],
        },
        says: "Only 0.1 % of the period was seen",
      },
      "no traffic at all": { facts: budgets("quiet", "quiet"), says: "Nothing happened in the period" },
    },
  },
  backup: {
    passes: {
      "a newer one that is not proven yet": {
        facts: backups({ id: "b1", state: "proven", age: 2 * 3_600_000 }, { id: "b2", state: "complete" }),
        says: "b1 is proven, of this database and 2 h old",
      },
    },
    fails: {
      none: { facts: backups(), says: "The store holds no backup" },
      damaged: {
        facts: backups({ id: "b1", state: "proven" }, { id: "b2", state: "damaged" }),
        says: "The newest backup, b2, is damaged: archive.dump",
      },
      unproven: { facts: backups({ id: "b1", state: "complete" }), says: "No backup is proven" },
      old: {
        facts: backups({ id: "b1", state: "proven", age: DAY + 60_000 }),
        says: "is 24 h 1 min old, and the RPO is 24 h",
      },
      "proven ones that are old": {
        facts: backups({ id: "b1", state: "proven", age: 3 * DAY }, { id: "b2", state: "complete" }),
        says: "The newest proven backup, b1, is 3 d old",
      },
      "of another server": {
        facts: backups({ id: "b1", state: "proven", system: "99" }),
        says: "on the server 99",
      },
      "of another database": {
        facts: backups({ id: "b1", state: "proven", name: "staging" }),
        says: "is of the database staging",
      },
    },
    unknown: {
      "nothing configured": { facts: { backups: nothing }, says: "nothing of backups" },
      "no RPO": {
        facts: {},
        ops: { service: unpromised },
        says: "nothing says how old is too old",
      },
      "a database that is not named": {
        facts: { database: nothing },
        says: "cannot be told whether b1 is of the database",
      },
      "a server that does not say which it is": {
        facts: backups({ id: "b1", state: "proven", system: "at:10.0.0.1:5432" }),
        says: "cannot be told",
      },
      "a snapshot in the future": {
        facts: backups({ id: "b1", state: "proven", age: -60_000 }),
        says: "has not come yet",
      },
    },
  },
  drill: {
    passes: {
      "a little late": { facts: drills(report({ startedAt: ago(8 * DAY) })), says: "passed 8 d ago" },
    },
    fails: {
      never: { facts: drills(undefined, [], 0), says: "No drill was ever run" },
      overdue: {
        facts: drills(report({ startedAt: ago(9 * DAY) })),
        says: "was 9 d ago, and one is due every 7 d",
      },
      "did not pass": { facts: drills(report({ passed: false })), says: "did not pass" },
      "a broken chain": {
        facts: drills(report(), ["d000002 is missing"]),
        says: "broken: d000002 is missing",
      },
      unreadable: {
        facts: drills(undefined, ["d000001 is no report"], 1),
        says: "No drill report can be read",
      },
    },
    unknown: {
      "nothing configured": { facts: { drills: nothing }, says: "nothing of backups" },
      "no interval": { facts: {}, ops: { drill: {} }, says: "nothing says how often one is due" },
    },
  },
  migrations: {
    passes: {
      none: { facts: pending(), says: "No migration is pending" },
      "another class that is accepted": {
        facts: pending({ proof: { class: "forward-only", data: "b1", evidence: [] } }),
        ops: { release: { accept: ["forward-only"] } },
        says: "004_more (forward-only)",
      },
    },
    fails: {
      "a migration that is not here": {
        facts: { migrations: async () => ({ foreign: ["005_other"], pending: [] }) },
        says: "Production has applied 005_other, which is not among the migrations here",
      },
      unproven: {
        facts: unproven(false),
        says: "004_more is not proven.",
      },
      "changed since": {
        facts: unproven(true),
        says: "its text was changed since",
      },
      "of a class that is not accepted": {
        facts: pending({}, { proof: { class: "data-losing", data: "b1", evidence: [] } }),
        says: "005_more is data-losing; accepted are forward-compatible and reversible",
      },
      unsafe: {
        facts: pending(
          {},
          {
            unsafe: [
              {
                file: "migrations/5.sql",
                line: 3,
                rule: "create-index",
                why: "It locks.",
                fix: "Concurrently.",
              },
              { file: "migrations/5.sql", line: 9, rule: "drop-table", why: "It drops.", fix: "Later." },
            ],
            unparsed: "migrations/5.sql:12: no SQL",
          },
        ),
        says: "migrations/5.sql:3 is unsafe (create-index): It locks. (and 1 more)",
      },
    },
    unknown: {
      "nothing configured": { facts: { migrations: nothing }, says: "nothing of migrations" },
      "no SQL": {
        facts: pending({ unparsed: "migrations/4.sql:2: syntax error" }),
        says: "004_more cannot be read as SQL (migrations/4.sql:2: syntax error).",
      },
    },
  },
};
