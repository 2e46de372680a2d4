/** What the id of a backup says. */
export interface ParsedId {
  readonly id: string;
  /** Rises by one a backup of a service: orders them whatever the clocks say. */
  readonly sequence: number;
  /** When it was begun, to the second. For people; nothing is ordered or kept by it. */
  readonly time: Date;
}

const ID = /^b(\d{6,15})-(\d{4})(\d\d)(\d\d)t(\d\d)(\d\d)(\d\d)z-[0-9a-f]{4}$/;

/**
 * The id of a backup: `b000042-20261123t063000z-7f3a`.
 *
 * @param random two random bytes, so that no id is ever used twice, not even when two creates race
 */
export function formatId(sequence: number, time: Date, random: Uint8Array): string {
  const stamp = time
    .toISOString()
    .replace(/[-:]|\.\d+/g, "")
    .toLowerCase();
  return `b${String(sequence).padStart(6, "0")}-${stamp}-${Buffer.from(random).subarray(0, 2).toString("hex")}`;
}

/** `undefined` for anything that is no id. */
export function parseId(text: string): ParsedId | undefined {
  const match = ID.exec(text);
  if (match === null) return undefined;
  const [, sequence, year, month, day, hours, minutes, seconds] = match;
  const time = new Date(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}Z`);
  return Number.isNaN(time.getTime()) ? undefined : { id: text, sequence: Number(sequence), time };
}

/** Oldest first, by sequence. */
export function byAge(a: ParsedId, b: ParsedId): number {
  return a.sequence - b.sequence || (a.id < b.id ? -1 : 1);
}
