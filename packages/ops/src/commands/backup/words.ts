import { formatDuration } from "@seakeep/contract";
import { type Manifest, renderManifest } from "../../backup/manifest.ts";

/** Bytes as people write them: `108 MB`. Powers of ten, as disks and networks are sold. */
export function bytesText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let [amount, unit] = [bytes, 0];
  while (amount >= 999.5 && unit < units.length - 1) {
    amount /= 1000;
    unit++;
  }
  return `${unit === 0 || amount >= 99.5 ? Math.round(amount) : amount.toPrecision(2 + Number(amount >= 10))} ${units[unit]}`;
}

/** How long ago, roughly: `3h`, `12d`. */
export function ageText(ms: number): string {
  const coarse = [86_400_000, 3_600_000, 60_000, 1000].find((unit) => ms >= 2 * unit) ?? 1000;
  return formatDuration(Math.max(0, Math.floor(ms / coarse)) * coarse);
}

/** `1,204 rows`, `1 table`. */
export function countText(count: number, noun: string): string {
  return `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
}

/** Rows of all tables. */
export function rowsOf({ contents }: Manifest): number {
  return contents.tables.reduce((sum, { rows }) => sum + rows, 0);
}

/** Bytes of the dump itself. */
export function plainBytesOf({ files }: Manifest): number {
  return files.reduce((sum, { plainBytes }) => sum + plainBytes, 0);
}

/** Bytes in the store, those of the manifest among them. */
export function storedBytesOf(manifest: Manifest): number {
  const own = Buffer.byteLength(renderManifest(manifest));
  return manifest.files.reduce((sum, { bytes }) => sum + bytes, own);
}

/** Columns under each other; the last one is not padded. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column]!))).join("  "),
    )
    .join("\n");
}
