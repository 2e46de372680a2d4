// Exits 0 when node_modules holds exactly what package-lock.json asks for, by comparing it with the record that npm
// keeps of its last complete install. Packages for other platforms are optional there and may be missing, and those
// that were not to be had when the lock was written are in it without their checksum.
import { readFileSync } from "node:fs";

function packagesIn(file) {
  try {
    return JSON.parse(readFileSync(new URL(`../${file}`, import.meta.url), "utf8")).packages;
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

const wanted = packagesIn("package-lock.json");
const installed = packagesIn("node_modules/.package-lock.json");
const isInstalled = ([path, { version, integrity, optional }]) => {
  const found = installed[path];
  if (found === undefined) return optional;
  return found.version === version && (integrity === undefined || found.integrity === integrity);
};
const complete =
  installed !== undefined && Object.entries(wanted).every((entry) => entry[0] === "" || isInstalled(entry));
process.exit(complete ? 0 : 1);
