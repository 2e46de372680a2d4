import { SeakeepError } from "@seakeep/contract";

/**
 * A path as given to a kind.
 *
 * @throws {SeakeepError} `SK-CHECK-005` when it does not begin with a slash: it would silently mean another address.
 */
export function pathOption(where: string, path: string): string {
  if (/^\/[^\s#]*$/.test(path)) return path;
  throw new SeakeepError("SK-CHECK-005", `${where} was given ${JSON.stringify(path)} as a path.`, {
    fix: 'Write a path below the service\'s URL, such as "/healthz"; no host, no spaces, no "#".',
  });
}
