import { hashPassword } from "../auth/passwords.ts";
import { type Database, transaction } from "../database.ts";
import { SEED_PASSWORD, SEED_USERS, seedCourses } from "./data.ts";

/** Adds what is missing and touches nothing that is there, so that it can run as often as you like. */
export async function seed(database: Database, count = 3_000): Promise<{ users: number; courses: number }> {
  const passwordHash = await hashPassword(SEED_PASSWORD);
  return transaction(database, async (db) => {
    const users = await db.query(
      `insert into users (id, email, name, role, password_hash)
       select id, email, name, role, $2 from jsonb_to_recordset($1)
         as seed (id uuid, email text, name text, role text)
       on conflict do nothing`,
      [JSON.stringify(SEED_USERS), passwordHash],
    );
    const courses = await db.query(
      `insert into courses (id, owner_id, title, summary, level, status, created_at, updated_at)
       select * from jsonb_to_recordset($1)
         as seed (id uuid, owner_id uuid, title text, summary text, level text, status text,
                  created_at timestamptz, updated_at timestamptz)
       on conflict do nothing`,
      [JSON.stringify(seedCourses(count))],
    );
    return { users: users.rowCount ?? 0, courses: courses.rowCount ?? 0 };
  });
}
