import { cp, mkdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { filesBelow } from "../files.ts";
import { manifests } from "../ops.ts";
import { judge, type Listed, list } from "../oracle.ts";
import { pause, run, start, type Trial } from "../trial.ts";
import { SERVICE } from "../world.ts";

const DAY = 86_400_000;

/** A store with many backups of many days, some proven, some damaged; then prune, to its end or not. */
export async function prune(trial: Trial): Promise<void> {
  const { random, notes, lies, known, world } = trial;
  await populate(trial, 3 + random.below(7));
  const before = await list(trial);
  const harmed = new Set<string>();
  if (random.chance(0.4)) harmed.add(await harm(trial, random.pick(before).id));
  const rules = [
    ...(random.chance(0.6)
      ? ["--keep-last", String(1 + random.below(3))]
      : ["--keep-within", `${1 + random.below(9)}d`]),
    ...(random.chance(0.5) ? ["--keep-daily", String(1 + random.below(4))] : []),
    ...(random.chance(0.3) ? ["--keep-proven", String(1 + random.below(3))] : []),
  ];
  const listed = await list(trial);
  const dry = await run(trial, "backup", "prune", ...rules, "--dry-run");
  const told = new Set(Array.isArray(dry.json.deleted) ? (dry.json.deleted as string[]) : []);
  const interrupted = random.chance(0.4);
  notes.push(
    `${rules.join(" ")} of ${listed.map(({ id, state }) => `${id.slice(0, 7)} ${state}`).join(", ")}`,
  );
  if (interrupted) {
    const running = start(trial, "backup", "prune", ...rules, "--delete");
    const after = random.next() * world.duration;
    await pause(after);
    running.kill("SIGKILL");
    notes.push(`killed after ${Math.round(after)} ms`);
    await running.ended;
  } else {
    const { code, json, stdout, stderr } = await run(trial, "backup", "prune", ...rules, "--delete");
    if (code !== dry.code)
      lies.push(`prune ended with ${code}, and its dry run with ${dry.code}: ${stdout}${stderr}`);
    if (code === 0 && String(json.deleted) !== String(dry.json.deleted))
      lies.push("prune told of other deletions than its dry run");
  }
  judgePruned(trial, listed, await list(trial), { told, rules, interrupted });
  await judge(trial, { damaged: harmed, gone: told, restore: (id) => known.has(id) && random.chance(0.05) });
}

function judgePruned(
  { lies }: Trial,
  before: readonly Listed[],
  after: readonly Listed[],
  { told, rules, interrupted }: { told: ReadonlySet<string>; rules: readonly string[]; interrupted: boolean },
): void {
  const there = new Set(after.map(({ id }) => id));
  for (const { id } of before) {
    if (!there.has(id) && !told.has(id)) lies.push(`${id} was deleted, and the dry run had said otherwise`);
    if (there.has(id) && told.has(id) && !interrupted) lies.push(`${id} was told as deleted and is there`);
  }
  const good = before.filter(({ state }) => state !== "damaged");
  const value = (rule: string) => (rules.includes(rule) ? Number(rules[rules.indexOf(rule) + 1]) : 0);
  const proven = good.filter(({ state }) => state === "proven").slice(-Math.max(1, value("--keep-proven")));
  const last = good.slice(-Math.max(1, value("--keep-last")));
  for (const { id } of [...proven, ...last, ...before.filter(({ state }) => state === "damaged")]) {
    if (!there.has(id)) lies.push(`${id} must be kept, and was deleted`);
  }
}

/** More backups, made of those that are there: other ids, other days, and the content of the original. */
async function populate(trial: Trial, count: number): Promise<void> {
  const { random, store, known } = trial;
  const originals = [...known.keys()];
  const now = Date.now();
  for (const id of originals) await setAge(trial, id, now - 30 * DAY);
  for (let index = 0; index < count; index++) {
    const from = random.pick(originals);
    const at = now - (count - index) * DAY * (0.3 + random.next());
    const sequence = 100 + index;
    const id = `b${String(sequence).padStart(6, "0")}-${from.slice(8, 24)}-${sequence.toString(16).padStart(4, "0")}`;
    const [source, target] = [from, id].map((each) => join(store, SERVICE, "backups", each)) as [
      string,
      string,
    ];
    await cp(source, target, { recursive: true });
    const { checksum: _, ...manifest } = JSON.parse(
      await readFile(join(target, "manifest.json"), "utf8").then((text) => text.replaceAll(from, id)),
    );
    const complete = manifests.completeManifest({ ...manifest, sequence });
    await writeFile(join(target, "manifest.json"), manifests.renderManifest(complete));
    known.set(id, known.get(from)!);
    if (random.chance(0.4)) {
      const proof = {
        format: 1,
        id,
        manifest: complete.checksum,
        at: new Date(at).toISOString(),
        by: "restore",
        tool: "faults",
        tables: 1,
        rows: 1,
        seconds: 1,
      };
      const folder = join(store, SERVICE, "proofs", id);
      await mkdir(folder, { recursive: true });
      await writeFile(
        join(folder, `${proof.at.replace(/[-:]|\.\d+/g, "").toLowerCase()}.json`),
        JSON.stringify(proof),
      );
    }
    await setAge(trial, id, at);
  }
}

async function setAge({ store }: Trial, id: string, at: number): Promise<void> {
  for (const path of await filesBelow(store)) {
    if (path.includes(id)) await utimes(join(store, path), at / 1000, at / 1000);
  }
}

async function harm({ random, store, notes }: Trial, id: string): Promise<string> {
  const folder = join(store, SERVICE, "backups", id);
  const file = random.pick(["archive.dump", "manifest.json"]);
  if (file === "archive.dump") await rm(join(folder, file));
  else await writeFile(join(folder, file), "{}");
  notes.push(`${file} of ${id} damaged`);
  return id;
}
