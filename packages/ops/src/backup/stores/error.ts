import { type ErrorCode, type ErrorDetails, SeakeepError } from "@seakeep/contract";
import type { StoreFailure } from "./store.ts";

const CODES: Readonly<Record<StoreFailure, ErrorCode>> = {
  invalid: "SK-STORE-002",
  denied: "SK-STORE-003",
  unavailable: "SK-STORE-004",
  full: "SK-STORE-005",
  conflict: "SK-STORE-006",
  missing: "SK-STORE-007",
};

/** What a store's call fails with: why in one word for programs, and the whole story for people. */
export class StoreError extends SeakeepError {
  readonly reason: StoreFailure;

  constructor(reason: StoreFailure, what: string, details?: ErrorDetails) {
    super(CODES[reason], what, details);
    this.reason = reason;
  }
}

/** True for a `StoreError` of that reason. */
export function failedAs(error: unknown, reason: StoreFailure): boolean {
  return error instanceof StoreError && error.reason === reason;
}
