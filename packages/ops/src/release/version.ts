import { SeakeepError } from "@seakeep/contract";

const SHAPE = /^[A-Za-z0-9][A-Za-z0-9._+/:@-]{0,127}$/;

/**
 * Takes the name of a release, which ends in commands and documents: a tag, a commit, a build number.
 *
 * @throws {SeakeepError} `SK-RELEASE-002`.
 */
export function parseVersion(written: string): string {
  if (SHAPE.test(written) && !written.includes("..")) return written;
  throw new SeakeepError("SK-RELEASE-002", "The value of --version is not the name of a release.");
}
