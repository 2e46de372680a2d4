import { isAbsolute, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Text } from "../../../config/values.ts";
import type { StoreDeclaration } from "../declaration.ts";

/**
 * A store in a folder, on a disk of its own if it is to survive this one. Durable: files and folders are synced.
 *
 * @param path absolute; the folder is made when the one above it exists
 * @example
 * defineOps({ service, url, backup: { store: fs("/backups") } });
 */
export function fs(path: Text): StoreDeclaration {
  return {
    kind: "fs",
    resolve({ text, problem }) {
      const folder = text(path, "path");
      if (folder === undefined) return undefined;
      if (!isAbsolute(folder) || folder.includes("\0")) {
        problem("path", folder, "an absolute path", "Write it from the root, such as /backups.");
        return undefined;
      }
      const root = resolve(folder);
      return {
        url: pathToFileURL(root).href,
        open: async (options) => (await import("./store.ts")).openFsStore(root, options),
      };
    },
  };
}

/** `file:///backups`, with no host, query or fragment. */
export function fsFromUrl(url: URL): StoreDeclaration {
  return {
    kind: "fs",
    resolve(scope) {
      if (url.host + url.search + url.hash !== "" || /%(2f|00)/i.test(url.pathname)) {
        scope.problem("path", url.pathname, "file:// and an absolute path", "Write it like file:///backups.");
        return undefined;
      }
      return fs(fileURLToPath(url)).resolve(scope);
    },
  };
}
