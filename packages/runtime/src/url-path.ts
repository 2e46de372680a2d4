/** Scheme and authority of a request target in absolute form (RFC 9112, section 3.2.2). */
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i;

/**
 * The path of a request target: without query and fragment, and without the origin (which may hold credentials) that
 * the absolute form sent to proxies has. `*` (OPTIONS) stays as it is.
 */
export function pathOf(target: string): string {
  const local = target.charCodeAt(0) === SLASH ? target : target.replace(ORIGIN, "");
  const query = local.indexOf("?");
  const end = query === -1 ? local.length : query;
  const hash = local.indexOf("#");
  const path = local.slice(0, hash === -1 || hash > end ? end : hash);
  return path === "" ? "/" : path;
}

const SLASH = 47;
