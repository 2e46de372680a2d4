import { join } from "node:path";
import { age, filesBelow } from "./files.ts";
import { judge, list } from "./oracle.ts";
import { quiet } from "./surroundings.ts";
import { type Result, run, type Trial } from "./trial.ts";

const DAY = 86_400_000;

/** What came of a create: whatever is listed by now must hold the content of that moment. */
export async function settle(
  trial: Trial,
  { code, json }: Pick<Result, "code" | "json">,
  content: string,
): Promise<void> {
  await quiet(trial);
  const listed = await list(trial);
  const fresh = new Set(listed.map(({ id }) => id).filter((id) => !trial.known.has(id)));
  for (const id of fresh) trial.known.set(id, content);
  if (code === 0 && !fresh.has(String(json.id)))
    trial.lies.push(`create told of ${json.id}, and it is not listed`);
  trial.notes.push(`create ended with ${code}, ${fresh.size} new`);
  await judge(trial, { restore: (id) => fresh.has(id) || trial.random.chance(0.1) });
  await nextRun(trial);
}

/**
 * What comes after a fault, a day and more later: the next create must succeed, and take away what the one before left.
 */
export async function nextRun(trial: Trial): Promise<void> {
  const { known, lies, world } = trial;
  await quiet(trial);
  await ageStore(trial, 1.1 * DAY);
  const content = await world.nextVersion();
  const { code, json, stdout, stderr } = await run(trial, "backup", "create");
  if (code === 0) known.set(String(json.id), content);
  else return void lies.push(`the next create ended with ${code}: ${stdout}${stderr}`);
  const ids = new Set((await list(trial)).map(({ id }) => id));
  for (const key of await keys(trial)) {
    if (!ids.has(key.split("/")[2] ?? "")) lies.push(`${key} was left in the store after the next create`);
  }
}

async function keys({ url, store, world }: Trial): Promise<string[]> {
  if (url.startsWith("file:")) return filesBelow(store);
  const prefix = `${url.split("/").slice(3).join("/")}/`;
  const uploads = [...world.s3.uploads.values()].map(({ key }) => `${key} (unfinished)`);
  return [...world.s3.objects.keys(), ...uploads].map((key) => key.slice(prefix.length));
}

/** Makes everything in the store a day older. */
async function ageStore({ url, store, world }: Trial, by: number): Promise<void> {
  if (url.startsWith("file:")) {
    for (const path of await filesBelow(store)) await age(join(store, path), by);
    return;
  }
  for (const [key, object] of world.s3.objects) {
    world.s3.objects.set(key, { ...object, modified: new Date(object.modified.getTime() - by) });
  }
  for (const [id, upload] of world.s3.uploads) {
    world.s3.uploads.set(id, { ...upload, begun: new Date(upload.begun.getTime() - by) });
  }
}
