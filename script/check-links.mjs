// Checks that every relative link in the Markdown files leads to a file that is there, and to a heading it has.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const listed = spawnSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md"], {
  cwd: root,
  encoding: "utf8",
});
if (listed.status !== 0) throw new Error(`git ls-files: ${listed.stderr}`);
const pages = listed.stdout.split("\0").filter((page) => page !== "" && existsSync(join(root, page)));

/** Code is quoted, not linked. */
const prose = (text) => text.replace(/^(```|~~~)[\s\S]*?^\1/gm, "").replace(/`[^`\n]*`/g, "code");

const anchors = new Map();

/** The anchors of a page, as GitHub makes them: lower case, punctuation dropped, spaces as hyphens, repeats numbered. */
function anchorsOf(file) {
  const known = anchors.get(file);
  if (known !== undefined) return known;
  const seen = new Map();
  const found = new Set();
  const text = readFileSync(file, "utf8").replace(/^(```|~~~)[\s\S]*?^\1/gm, "");
  for (const [, heading] of text.matchAll(/^#{1,6} +(.+?) *$/gm)) {
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const slug = plain.replace(/[^\p{L}\p{N}\p{M} _-]/gu, "").replaceAll(" ", "-");
    const repeat = seen.get(slug) ?? 0;
    seen.set(slug, repeat + 1);
    found.add(repeat === 0 ? slug : `${slug}-${repeat}`);
  }
  anchors.set(file, found);
  return found;
}

function problemOf(page, target) {
  const [path, anchor] = target.split("#");
  const file = path === "" ? join(root, page) : resolve(root, dirname(page), decodeURIComponent(path));
  if (relative(root, file).startsWith("..")) return "leads out of the repository";
  if (!existsSync(file)) return "leads nowhere";
  if (anchor === undefined || statSync(file).isDirectory() || !file.endsWith(".md")) return undefined;
  return anchorsOf(file).has(decodeURIComponent(anchor)) ? undefined : "names a heading that is not there";
}

let links = 0;
const problems = [];
for (const page of pages) {
  for (const [, target] of prose(readFileSync(join(root, page), "utf8")).matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z][a-z0-9+.-]*:/i.test(target)) continue;
    links++;
    const problem = problemOf(page, target);
    if (problem !== undefined) problems.push(`${page}: ${target} ${problem}`);
  }
}

for (const problem of problems) console.error(problem);
console.log(`${links} relative links in ${pages.length} pages, ${problems.length} broken`);
if (problems.length > 0 || links === 0) process.exitCode = 1;
