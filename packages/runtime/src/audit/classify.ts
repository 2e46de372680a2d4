/**
 * Tells whether a path lies under a sensitive prefix, however it is spelled: prefixes are compared after decoding,
 * collapsing slashes, resolving dot segments and folding case. It errs towards sensitive: a false alarm costs a line,
 * a miss hides an attack.
 */
export function sensitivePaths(prefixes: readonly string[]): (path: string) => boolean {
  const normal = prefixes.map((prefix) => normalise(prefix));
  return (path) => {
    if (normal.length === 0) return false;
    const given = normalise(path);
    // "/auth" is under "/auth/": frameworks redirect or accept it.
    return normal.some((prefix) => given.startsWith(prefix) || `${given}/` === prefix);
  };
}

const LONGEST = 4096;

function normalise(path: string): string {
  const decoded = decode(decode(path.slice(0, LONGEST)));
  const segments: string[] = [];
  for (const segment of decoded.toLowerCase().replaceAll("\\", "/").split("/")) {
    if (segment === "..") segments.pop();
    else if (segment !== "" && segment !== ".") segments.push(segment);
  }
  const end = decoded.endsWith("/") && segments.length > 0 ? "/" : "";
  return `/${segments.join("/")}${end}`;
}

/** Decodes what it can: a malformed escape must not hide the rest of the path. */
function decode(path: string): string {
  return path.includes("%")
    ? path.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : path;
}
