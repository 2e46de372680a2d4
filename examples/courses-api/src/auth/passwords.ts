import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";

/** OWASP's password storage cheat sheet: 32 MiB and three passes, some 200 ms. `ln` is the binary logarithm of N. */
const COST = { ln: 15, r: 8, p: 3 };
const KEY_BYTES = 32;

/** Stands in for the hash of a user who does not exist, so that the answer takes as long as for one who does. */
const NOBODY = format(COST, randomBytes(16), randomBytes(KEY_BYTES));

/** A salted scrypt hash in the PHC string format, which carries its own cost. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  return format(COST, salt, await derive(password, salt, COST));
}

/** Takes the same time whether the password is wrong or the user unknown (`stored` undefined). */
export async function verifyPassword(password: string, stored: string | undefined): Promise<boolean> {
  const [, , cost = "", salt = "", hash = ""] = (stored ?? NOBODY).split("$");
  const [ln = 0, r = 0, p = 0] = cost.split(",").map((pair) => Number(pair.slice(pair.indexOf("=") + 1)));
  const derived = await derive(password, Buffer.from(salt, "base64"), { ln, r, p });
  return timingSafeEqual(derived, Buffer.from(hash, "base64")) && stored !== undefined;
}

function derive(password: string, salt: Buffer, { ln, r, p }: typeof COST): Promise<Buffer> {
  const options: ScryptOptions = { N: 2 ** ln, r, p, maxmem: 2 ** (ln + 8) * r };
  return new Promise((resolve, reject) => {
    // NFKC: the same password typed on another keyboard is the same bytes (NIST SP 800-63B, 3.1.1.2).
    scrypt(password.normalize("NFKC"), salt, KEY_BYTES, options, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

function format({ ln, r, p }: typeof COST, salt: Buffer, hash: Buffer): string {
  return `$scrypt$ln=${ln},r=${r},p=${p}$${salt.toString("base64")}$${hash.toString("base64")}`;
}
