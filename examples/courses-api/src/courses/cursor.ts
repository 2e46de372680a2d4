import type { Course } from "./course.ts";

/** Where a page of the list ends. A page begins after a row, not at a number: new rows shift nothing (keyset). */
export type Position = Pick<Course, "created_at" | "id">;

const CURSOR = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/;

export function encodeCursor({ created_at, id }: Position): string {
  return Buffer.from(`${created_at} ${id}`).toString("base64url");
}

/** Undefined for anything that `encodeCursor` did not make. */
export function decodeCursor(cursor: string): Position | undefined {
  const [, created_at = "", id = ""] = CURSOR.exec(Buffer.from(cursor, "base64url").toString()) ?? [];
  return Number.isNaN(Date.parse(created_at)) ? undefined : { created_at, id };
}
