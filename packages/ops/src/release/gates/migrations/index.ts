import { failed, type Gate, passed, unknown } from "../gate.ts";

/** What the release does to the schema was tried, and is of a kind that can be lived with. */
export const migrations: Gate = {
  name: "migrations",
  title: "Each pending migration is proven, of an accepted class and not unsafe",
  looksAt: ({ release }) =>
    `Production has no migration that is missing here, and of those that it does not have yet each is proven for exactly its text (\`seakeep.migrations.json\`), its class is ${release.accept.join(" or ")}, and \`seakeep migrations lint\` finds nothing unsafe in it that no comment allows with a reason.`,
  mend: "Run `seakeep migrations prove` and commit the file; split what is of another class into steps that the previous release can live with.",
  command: "seakeep migrations prove --check",
  async run({ ops, facts, signal }) {
    const ahead = await facts.migrations(signal);
    if (ahead === undefined) {
      return unknown(
        "The configuration says nothing of migrations.",
        'Declare them, such as `migrations: nodePgMigrate("migrations")`.',
      );
    }
    const { pending, foreign } = ahead;
    const accept = ops.release.accept;
    const evidence = { accept, foreign, ...(pending && { pending }) };
    if (foreign[0] !== undefined) {
      return failed(
        `Production has applied ${foreign[0]}${foreign.length > 1 ? ` and ${foreign.length - 1} more` : ""}, which is not among the migrations here.`,
        "Release from a commit that has everything that production has.",
        evidence,
      );
    }
    if (pending === undefined) {
      return unknown(
        "The database does not say which migrations it has.",
        'Name it, such as `database: secret("DATABASE_URL")`; one that was never migrated has no record yet.',
        evidence,
      );
    }
    const unproven = pending.filter(({ proof }) => proof === undefined);
    if (unproven[0] !== undefined) {
      const { name, stale } = unproven[0];
      const more = unproven.length > 1 ? `, and ${unproven.length - 1} more` : "";
      return failed(
        `${name} is not proven${stale ? " as it is now: its text was changed since" : ""}${more}.`,
        "Run `seakeep migrations prove` and commit seakeep.migrations.json.",
        evidence,
      );
    }
    const refused = pending.find(({ proof }) => !accept.includes(proof!.class));
    if (refused !== undefined) {
      return failed(
        `${refused.name} is ${refused.proof!.class}; accepted are ${accept.join(" and ")}.`,
        "Split it into steps that the previous release can live with, or accept its class in `release: { accept: [...] }`.",
        evidence,
      );
    }
    const unsafe = pending.flatMap((migration) => migration.unsafe);
    if (unsafe[0] !== undefined) {
      const { file, line, rule, why, fix } = unsafe[0];
      const more = unsafe.length > 1 ? ` (and ${unsafe.length - 1} more)` : "";
      return failed(`${file}:${line} is unsafe (${rule}): ${why}${more}`, fix, evidence);
    }
    const unparsed = pending.find((migration) => migration.unparsed !== undefined);
    if (unparsed !== undefined) {
      return unknown(
        `${unparsed.name} cannot be read as SQL (${unparsed.unparsed}).`,
        "Run `seakeep migrations lint`, and write it as plain SQL.",
        evidence,
      );
    }
    if (pending.length === 0) return passed("No migration is pending.", evidence);
    const classes = pending.map(({ name, proof }) => `${name} (${proof!.class})`);
    return passed(`${pending.length} pending, each proven: ${classes.join(", ")}.`, evidence);
  },
};
