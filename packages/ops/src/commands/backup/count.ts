import { InvalidArgumentError } from "commander";

/** Reads how many of something are wanted: a whole number from 1 to 99. */
export function count(written: string): number {
  if (/^[1-9]\d?$/.test(written)) return Number(written);
  throw new InvalidArgumentError("It must be a whole number from 1 to 99.");
}
