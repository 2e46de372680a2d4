import { SeakeepError } from "@seakeep/contract";
import { rejection } from "../../postgres/errors.ts";
import { quoteIdentifier } from "../../postgres/quote.ts";
import type { Session } from "../../postgres/session.ts";
import type { Migration } from "../migration.ts";
import { WORK } from "./bench.ts";
import { openClient } from "./client.ts";
import type { Databases } from "./databases.ts";
import { rolesNamed, splitStatements } from "./statements.ts";

/**
 * Makes the work database as the migrations before the pending ones leave it. Roles that any of them grants to are made;
 * nobody can log in as them.
 *
 * @throws {SeakeepError} `SK-PROVE-003` when one of them cannot be applied to an empty database.
 */
export async function buildSchema(
  databases: Databases,
  earlier: readonly Migration[],
  pending: readonly Migration[],
  signal: AbortSignal,
): Promise<void> {
  await databases.create(WORK);
  const session = await openClient(databases.connection(WORK));
  try {
    await makeRoles(session, [...earlier, ...pending]);
    for (const migration of earlier) {
      signal.throwIfAborted();
      await applyQuietly(session, migration);
    }
  } finally {
    await session.close();
  }
}

async function applyQuietly(session: Session, { name, up, transaction }: Migration): Promise<void> {
  const statements = (await splitStatements(up.text)) ?? [{ text: up.text }];
  try {
    if (transaction) await session.query("begin");
    for (const { text } of statements) await session.query(text);
    if (transaction) await session.query("commit");
    // What a migration sets for its session ends with the connection that its tool used.
    await session.query("reset all; reset role");
  } catch (error) {
    const said = rejection(error);
    if (said === undefined) throw error;
    const what = `${name} cannot be applied to an empty database: ${said.message}.`;
    throw new SeakeepError("SK-PROVE-003", what, { cause: error });
  }
}

async function makeRoles(session: Session, migrations: readonly Migration[]): Promise<void> {
  const texts = migrations.flatMap(({ up, down }) => [up.text, ...(down === undefined ? [] : [down.text])]);
  // In one text, so that what one of them creates is not missing in another.
  const named = await rolesNamed(texts.join(";\n"));
  const there = await session.query<{ name: string }>(
    "select rolname::text as name from pg_catalog.pg_roles",
  );
  const known = new Set(there.map(({ name }) => name));
  for (const role of named) {
    if (!known.has(role)) await session.query(`create role ${quoteIdentifier(role)} nologin`);
  }
}
