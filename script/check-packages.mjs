// Packs each public package and checks what a user would get: its manifest (publint), its types (attw), and that every
// entry point, wildcard ones included, imports and type-checks in a project that has nothing but what is declared.
// Needs no network: third-party packages are linked from this clone, but only those that a manifest declares, so that
// an undeclared import fails here as it would for the user.
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { publint } from "publint";
import { formatMessage } from "publint/utils";

const root = fileURLToPath(new URL("..", import.meta.url));
const folders = ["packages/contract", "packages/runtime", "packages/ops"];
const problems = [];
const readJson = (file) => JSON.parse(readFileSync(file, "utf8"));

/** Runs a program and returns what it printed; a failure is noted, with all it printed, and the rest goes on. */
function run(what, command, args, cwd = root) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (status !== 0) problems.push(`${what}\n${error?.message ?? `${stdout}${stderr}`}`.trimEnd());
  return status === 0 ? stdout : undefined;
}

const require = createRequire(import.meta.url);
const attw = join(dirname(require.resolve("@arethetypeswrong/cli/package.json")), "dist/index.js");
const tsc = join(root, "node_modules/.bin/tsc");

/** Packs one package, checks the tarball and unpacks it into the project as npm would. */
async function packInto(project, folder) {
  const manifest = readJson(join(root, folder, "package.json"));
  const packed = run(
    `npm pack ${folder}`,
    "npm",
    ["pack", "--json", "--pack-destination", project],
    join(root, folder),
  );
  if (packed === undefined) return undefined;
  const tarball = join(project, JSON.parse(packed)[0].filename);
  run(`attw ${manifest.name}`, process.execPath, [attw, tarball, "--profile", "esm-only"]);
  const home = join(project, "node_modules", manifest.name);
  mkdirSync(home, { recursive: true });
  run(`unpack ${tarball}`, "tar", ["-xzf", tarball, "-C", home, "--strip-components=1"]);
  const { messages, pkg } = await publint({ pkgDir: home, pack: false, strict: true, level: "warning" });
  problems.push(...messages.map((message) => `publint ${manifest.name}: ${formatMessage(message, pkg)}`));
  for (const file of manifest.files) {
    if (!existsSync(join(home, file)))
      problems.push(`${manifest.name}: "files" names ${file}, which is not in the tarball`);
  }
  return { folder, home, manifest };
}

/** Links what the package declares, its types included, from where Node finds it for the package itself. */
function linkDependencies(project, { folder, manifest }) {
  const declared = {
    ...manifest.dependencies,
    ...manifest.peerDependencies,
    ...typesOf(manifest.devDependencies),
  };
  for (const name of Object.keys(declared)) {
    const link = join(project, "node_modules", name);
    if (existsSync(link)) continue;
    const target = [join(root, folder), root]
      .map((base) => join(base, "node_modules", name))
      .find(existsSync);
    if (target === undefined) {
      problems.push(`${manifest.name}: ${name} is declared and not installed`);
      continue;
    }
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(target, link);
  }
}

const typesOf = (dependencies = {}) =>
  Object.fromEntries(Object.entries(dependencies).filter(([name]) => name.startsWith("@types/")));

/** Every specifier a user can import, with `*` expanded to what the tarball holds. */
function entryPoints({ home, manifest }) {
  return Object.entries(manifest.exports).flatMap(([entry, target]) => {
    const specifier = (part) => join(manifest.name, entry).replace("*", part);
    if (!entry.includes("*")) return [specifier("")];
    const [before, after] = target.default.split("*");
    const parts = existsSync(join(home, before)) ? readdirSync(join(home, before)) : [];
    const found = parts.filter((part) => existsSync(join(home, before + part + after)));
    if (found.length === 0) problems.push(`${manifest.name}: nothing matches "${entry}"`);
    return found.map(specifier);
  });
}

function importEach(project, specifiers) {
  const load =
    "const m = await import(process.argv[1]); if (Object.keys(m).length === 0) throw new Error('exports nothing')";
  for (const name of specifiers) {
    run(`import ${name}`, process.execPath, ["--input-type=module", "-e", load, name], project);
  }
  const lines = specifiers.map((name, index) => `export * as entry${index} from ${JSON.stringify(name)};\n`);
  writeFileSync(join(project, "user.ts"), lines.join(""));
  const options = ["--module", "nodenext", "--target", "es2023", "--strict", "--noEmit", "--types", "node"];
  run("type-check every entry point", tsc, [...options, "user.ts"], project);
}

const project = mkdtempSync(join(tmpdir(), "seakeep-packages-"));
process.on("exit", () => rmSync(project, { recursive: true, force: true }));
writeFileSync(join(project, "package.json"), '{ "private": true, "type": "module" }\n');

const packages = [];
for (const folder of folders) {
  const packed = await packInto(project, folder);
  if (packed !== undefined) packages.push(packed);
}
for (const each of packages) linkDependencies(project, each);
linkDependencies(project, { folder: ".", manifest: readJson(join(root, "package.json")) });
const specifiers = packages.flatMap(entryPoints);
importEach(project, specifiers);
for (const { home, manifest } of packages) {
  for (const [command, file] of Object.entries(manifest.bin ?? {})) {
    run(`${command} --help`, process.execPath, [join(home, file), "--help"], project);
  }
}

for (const problem of problems) console.error(`${problem}\n`);
console.log(
  `${packages.length} packages packed, ${specifiers.length} entry points: ${specifiers.join(", ")}`,
);
if (problems.length > 0 || specifiers.length === 0) {
  console.error(`${problems.length} problems`);
  process.exitCode = 1;
}
