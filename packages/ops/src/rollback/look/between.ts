import { SeakeepError } from "@seakeep/contract";
import type { Manifest } from "../../backup/manifest.ts";
import type { MigrationsProof, ProvenMigration } from "../../migrations/proof.ts";
import { proofOf } from "../../migrations/proof-file.ts";
import { readMigration } from "../../postgres/applied-migration.ts";
import type { Session } from "../../postgres/session.ts";
import { readDrops } from "../migrations/drops.ts";
import { countHeld } from "../migrations/held.ts";
import type { ReadHistory } from "../settings.ts";
import type { Between } from "./migrations.ts";

/** What is known of when the version before was current. */
export interface Before {
  /** Name of the newest migration that it knew; `none`: it knew of none. */
  readonly newest?: string | undefined;
  /** Of a backup from its time. */
  readonly manifest?: Manifest | undefined;
}

/** What was applied since the version before; a text says why it is not known. */
export async function namesBetween(
  session: Session,
  applied: readonly string[] | undefined,
  { newest, manifest }: Before,
): Promise<readonly string[] | string> {
  if (newest !== undefined) {
    if (applied === undefined) return "the database keeps no record that can be read";
    if (newest === "none") return applied;
    const index = applied.indexOf(newest);
    if (index === -1) throw new SeakeepError("SK-ROLLBACK-002", `The migration ${newest} is not applied.`);
    return applied.slice(index + 1);
  }
  if (manifest === undefined) return "nobody says what the version before knew";
  // What was the newest then and still is: nothing came in between. Any other answer may belong to another release.
  await session.query("begin read only");
  const now = await readMigration(session).finally(() => session.query("rollback"));
  const then = manifest.contents.migration;
  if (now === undefined && then === undefined) return "the database keeps no record that can be read";
  if (now?.tool === then?.tool && now?.version === then?.version) return [];
  return `the newest is ${now?.version ?? "none"}, and was ${then?.version ?? "none"} in ${manifest.id}`;
}

/** Looks at each: its file, what is proven of it, and what its way back would drop. */
export async function describeBetween(
  session: Session,
  names: readonly string[],
  history: ReadHistory | undefined,
  proof: MigrationsProof,
): Promise<readonly Between[]> {
  const described: Between[] = [];
  for (const name of names) {
    const migration = history?.migrations.find((one) => one.name === name);
    const proven: ProvenMigration | undefined = migration && proofOf(proof, migration);
    const drops = migration?.down && (await readDrops(migration.down.text));
    const held = drops && (await readOnly(session, () => countHeld(session, drops)));
    described.push({
      name,
      ...(migration && { migration }),
      ...(proven && { proof: proven }),
      ...(held && { held }),
    });
  }
  return described;
}

/** Names as the application resolves them, and nothing that writes. */
async function readOnly<T>(session: Session, look: () => Promise<T>): Promise<T> {
  await session.query("begin read only");
  try {
    await session.query("reset search_path");
    return await look();
  } finally {
    await session.query("rollback");
  }
}
