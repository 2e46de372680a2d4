import { type Database, transaction } from "../database.ts";
import type { Mailer } from "../mail.ts";
import { hashToken, oneTimeToken } from "./one-time-token.ts";
import { hashPassword } from "./passwords.ts";
import { endSessions } from "./sessions.ts";
import { setPassword } from "./users.ts";

/** Mails a one-time token to the user with this address, if there is one. */
export async function requestReset(db: Database, mail: Mailer, email: string): Promise<void> {
  const { token, hash } = oneTimeToken();
  const { rows } = await db.query<{ email: string }>(
    `with account as (select id, email from users where email = lower($2)),
          stored as (
            insert into password_resets (token_hash, user_id, expires_at)
            select $1, id, now() + interval '30 minutes' from account
          ),
          swept as (delete from password_resets where expires_at < now())
     select email from account`,
    [hash, email],
  );
  for (const account of rows) {
    await mail.send({
      to: account.email,
      subject: "Choose a new password",
      text: `Use this token within 30 minutes: ${token}\nIf you did not ask for it, do nothing.\n`,
    });
  }
}

/** Sets the password that the token was mailed for and ends the user's sessions; false when the token is no good. */
export function confirmReset(db: Database, token: string, password: string): Promise<boolean> {
  return transaction(db, async (tx) => {
    const { rows } = await tx.query<{ user_id: string }>(
      "delete from password_resets where token_hash = $1 and expires_at > now() returning user_id",
      [hashToken(token)],
    );
    const [reset] = rows;
    if (!reset) return false;
    await setPassword(tx, reset.user_id, await hashPassword(password));
    await tx.query("delete from password_resets where user_id = $1", [reset.user_id]);
    await endSessions(tx, reset.user_id);
    return true;
  });
}
