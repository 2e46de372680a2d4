import { randomUUID } from "node:crypto";
import { type Database, type Queryable, transaction } from "../database.ts";
import { hashToken, oneTimeToken } from "./one-time-token.ts";

/** Begins a session: the first refresh token of a new family. */
export async function startSession(db: Queryable, userId: string): Promise<string> {
  await db.query("delete from refresh_tokens where user_id = $1 and expires_at < now()", [userId]);
  return insertToken(db, userId, randomUUID());
}

/**
 * Trades a refresh token for the next one of its family; undefined when it is not good.
 *
 * A token works once. When it turns up again, either its owner or a thief holds a stale copy, and there is no
 * telling which: the whole family ends, and the owner logs in anew (RFC 9700, section 4.14.2).
 */
export function rotate(db: Database, token: string): Promise<{ userId: string; token: string } | undefined> {
  return transaction(db, async (tx) => {
    const { rows } = await tx.query<{ user_id: string; family_id: string }>(
      `update refresh_tokens set used_at = now()
        where token_hash = $1 and used_at is null and expires_at > now()
        returning user_id, family_id`,
      [hashToken(token)],
    );
    const [good] = rows;
    if (good) return { userId: good.user_id, token: await insertToken(tx, good.user_id, good.family_id) };
    await tx.query(
      `delete from refresh_tokens
        where family_id = (select family_id from refresh_tokens where token_hash = $1)`,
      [hashToken(token)],
    );
    return undefined;
  });
}

/** Ends every session of a user. */
export async function endSessions(db: Queryable, userId: string): Promise<void> {
  await db.query("delete from refresh_tokens where user_id = $1", [userId]);
}

async function insertToken(db: Queryable, userId: string, familyId: string): Promise<string> {
  const { token, hash } = oneTimeToken();
  await db.query(
    `insert into refresh_tokens (token_hash, family_id, user_id, expires_at)
     values ($1, $2, $3, now() + interval '30 days')`,
    [hash, familyId, userId],
  );
  return token;
}
