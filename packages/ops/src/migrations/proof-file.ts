import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Problems, parse, SeakeepError } from "@seakeep/contract";
import * as v from "valibot";
import type { Migration } from "./migration.ts";
import {
  classify,
  fingerprint,
  MIGRATION_CLASSES,
  type MigrationsProof,
  PROOF_FILE,
  type ProvenMigration,
} from "./proof.ts";

const tried = v.picklist(["yes", "no", "unknown"]);

const SCHEMA: v.GenericSchema<unknown, MigrationsProof> = v.strictObject({
  format: v.literal(1),
  migrations: v.array(
    v.strictObject({
      name: v.string(),
      sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
      server: v.pipe(v.number(), v.integer()),
      data: v.string(),
      class: v.picklist(MIGRATION_CLASSES),
      facts: v.strictObject({ losesData: tried, oldCodeRuns: tried, downRestores: tried }),
      evidence: v.array(v.string()),
    }),
  ),
});

/** What a project without the file has proven. */
export const NOTHING_PROVEN: MigrationsProof = { format: 1, migrations: [] };

/**
 * Reads the file beside the configuration; nothing is proven where there is none.
 *
 * @param folder absolute path of the configuration's folder
 * @throws {SeakeepError} `SK-PROVE-001` when it is not what `seakeep migrations prove` writes: a class that does not
 * follow from its facts was put there by hand.
 */
export async function readProof(folder: string): Promise<MigrationsProof> {
  const text = await readFile(join(folder, PROOF_FILE), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw new SeakeepError("SK-PROVE-001", `${PROOF_FILE} cannot be read: ${error.message}.`);
  });
  return text === undefined ? NOTHING_PROVEN : parseProof(text);
}

export function parseProof(text: string): MigrationsProof {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SeakeepError("SK-PROVE-001", `${PROOF_FILE} is not JSON.`);
  }
  const problems = new Problems();
  const proof = parse(SCHEMA, value, "", problems);
  if (proof === undefined || problems.list.length > 0) {
    const what = `${PROOF_FILE} has another shape:\n${problems}`;
    throw new SeakeepError("SK-PROVE-001", what, { problems: problems.list });
  }
  const wrong = proof.migrations.find((entry) => entry.class !== classify(entry.facts));
  if (wrong !== undefined) {
    const what = `${PROOF_FILE} calls ${wrong.name} ${wrong.class}, and its facts make it ${classify(wrong.facts)}.`;
    throw new SeakeepError("SK-PROVE-001", what);
  }
  return proof;
}

/** The file's text: the same for the same proof. */
export function renderProof(proof: MigrationsProof): string {
  return `${JSON.stringify(proof, undefined, 2)}\n`;
}

/** The proof of exactly this migration, as it is written now. */
export function proofOf(proof: MigrationsProof, migration: Migration): ProvenMigration | undefined {
  const sha256 = fingerprint(migration);
  return proof.migrations.find((entry) => entry.name === migration.name && entry.sha256 === sha256);
}

/** Takes in what was proven now, keeps what still holds, in the order of the history. */
export function mergeProof(
  history: readonly Migration[],
  kept: MigrationsProof,
  now: readonly ProvenMigration[],
): MigrationsProof {
  const proven: MigrationsProof = { format: 1, migrations: now };
  const find = (migration: Migration) => proofOf(proven, migration) ?? proofOf(kept, migration);
  return { format: 1, migrations: history.flatMap((migration) => find(migration) ?? []) };
}

/**
 * In what the file no longer says what there is, a sentence each. From the first migration that it holds on, it holds
 * every one, as it is written now: what came before was applied before anybody proved anything.
 */
export function staleness(history: readonly Migration[], proof: MigrationsProof): readonly string[] {
  const names = new Set(history.map(({ name }) => name));
  const gone = proof.migrations
    .filter(({ name }) => !names.has(name))
    .map(({ name }) => `${name} is proven, and is no migration any more.`);
  const held = new Set(proof.migrations.map(({ name }) => name));
  const first = Math.max(
    0,
    history.findIndex(({ name }) => held.has(name)),
  );
  const unproven = history
    .slice(first)
    .filter((migration) => proofOf(proof, migration) === undefined)
    .map(({ name }) =>
      held.has(name) ? `${name} was changed since it was proven.` : `${name} is not proven.`,
    );
  return [...gone, ...unproven];
}
