import { list } from "../oracle.ts";
import { quiet } from "../surroundings.ts";
import { run, start, type Trial } from "../trial.ts";
import { strike, type Victim } from "./crash.ts";

const VICTIMS: readonly Victim[] = [
  "seakeep",
  "seakeep",
  "seakeep",
  "pg_restore",
  "postgres",
  "zstd",
  "pg_dump",
];

/**
 * A drill that is hit says nothing against a sound backup, and leaves neither its server nor its files; the next one
 * passes, and its report continues the chain.
 */
export async function crashDrill(trial: Trial): Promise<void> {
  const { random, lies, known, notes } = trial;
  const id = random.pick([...known.keys()]);
  const wasProven = await isProven(trial, id);
  const running = start(trial, "drill", "--id", id);
  const victim = random.pick(VICTIMS);
  await strike(
    trial,
    running,
    victim,
    victim === "seakeep" ? random.pick(["SIGKILL", "SIGKILL", "SIGINT"]) : "SIGKILL",
  );
  const { code, json, stdout, stderr } = await running.ended;
  notes.push(`drill ended with ${code}`);
  await quiet(trial);
  if (json.passed === false || code === 1)
    lies.push(`${id} is sound and failed its drill: ${stdout}${stderr}`);
  const proven = await isProven(trial, id);
  if (json.passed === true && !proven) lies.push(`the drill passed, and ${id} is not listed as proven`);
  if (!proven && wasProven) lies.push(`${id} was proven, and is no longer`);
  const again = await run(trial, "drill", "--id", id);
  if (again.code !== 0) lies.push(`the next drill ended with ${again.code}: ${again.stdout}${again.stderr}`);
  else if (String(again.json.chainProblems) !== "")
    lies.push(`the chain of reports is broken: ${again.json.chainProblems}`);
  if (!(await isProven(trial, id))) lies.push(`${id} passed the next drill, and is not listed as proven`);
}

async function isProven(trial: Trial, id: string): Promise<boolean> {
  return (await list(trial)).some((entry) => entry.id === id && entry.state === "proven");
}
