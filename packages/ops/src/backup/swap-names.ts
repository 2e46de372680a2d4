import { SeakeepError } from "@seakeep/contract";
import type { ParsedId } from "./id.ts";

/** The databases of a swap. */
export interface SwapNames {
  /** What applications connect to. */
  readonly name: string;
  /** What the restored database is called until then. */
  readonly incoming: string;
  /** What the replaced database is called from then on. */
  readonly kept: string;
  /** What the restored database is called when the swap was undone. */
  readonly undone: string;
}

/** Postgres cuts off what is longer. */
const MOST_BYTES = 63;

/**
 * Names all databases of a swap from the name and the backup, so that an undo finds them again without a record.
 *
 * @throws {SeakeepError} `SK-RESTORE-006` when one would be too long.
 */
export function swapNames(name: string, { id }: Pick<ParsedId, "id">): SwapNames {
  // b000042-20261123t063000z-7f3a, without the time and with nothing that psql needs quotes for.
  const short = id.replace(/-.*-/, "_");
  const names = {
    name,
    incoming: `${name}_from_${short}`,
    kept: `${name}_before_${short}`,
    undone: `${name}_undone_${short}`,
  };
  const longest = Math.max(...Object.values(names).map((text) => Buffer.byteLength(text)));
  if (longest > MOST_BYTES) {
    throw new SeakeepError(
      "SK-RESTORE-006",
      `The names of a swap of "${name}" would have up to ${longest} bytes.`,
    );
  }
  return names;
}
