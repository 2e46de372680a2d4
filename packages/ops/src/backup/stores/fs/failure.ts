import { StoreError } from "../error.ts";
import type { StoreFailure } from "../store.ts";

const REASONS: Readonly<Record<string, StoreFailure>> = {
  EACCES: "denied",
  EPERM: "denied",
  EROFS: "denied",
  ENOSPC: "full",
  EDQUOT: "full",
  EFBIG: "full",
  ELOOP: "invalid",
  ENOTDIR: "invalid",
  EISDIR: "invalid",
  ENAMETOOLONG: "invalid",
};

/** The error code of a failed system call; `undefined` for every other error. */
export function errnoOf(error: unknown): string | undefined {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return typeof syscall === "string" ? code : undefined;
}

/** What a failed system call means to a store; every other error as it is. */
export function failureOf(error: unknown, doing: string): unknown {
  const code = errnoOf(error);
  if (code === undefined) return error;
  const why = `The file system answered ${code}.`;
  return new StoreError(REASONS[code] ?? "unavailable", `${doing} failed.`, { why, cause: error });
}
