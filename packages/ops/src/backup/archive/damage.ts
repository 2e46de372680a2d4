/** Bytes are not what was stored: a verdict about a backup, not a fault of the command. */
export class Damage extends Error {
  override readonly name = "Damage";
}
