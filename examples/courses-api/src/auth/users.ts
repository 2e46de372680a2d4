import type { Queryable } from "../database.ts";
import type { User } from "./access-tokens.ts";

export async function findByEmail(
  db: Queryable,
  email: string,
): Promise<(User & { password_hash: string }) | undefined> {
  const { rows } = await db.query("select id, role, password_hash from users where email = lower($1)", [
    email,
  ]);
  return rows[0];
}

export async function findById(db: Queryable, id: string): Promise<User | undefined> {
  const { rows } = await db.query<User>("select id, role from users where id = $1", [id]);
  return rows[0];
}

export async function setPassword(db: Queryable, id: string, passwordHash: string): Promise<void> {
  await db.query("update users set password_hash = $2 where id = $1", [id, passwordHash]);
}
