import { pathToFileURL } from "node:url";
import { type Recorded, record } from "../recorder.ts";

/** The part of node-pg-migrate that is called. */
type Runner = (options: Readonly<Record<string, unknown>>) => Promise<unknown>;

/** What node-pg-migrate asks for itself, before and between migrations. */
const BOOKKEEPING =
  /^\s*(select (table_name|constraint_name) from information_schema|create table|alter table)/i;
const RECORDED = /^\s*select name from/i;

/** The line that node-pg-migrate logs once a migration has said what it wants, and before any of it is sent. */
const BEGINS = /^### MIGRATION (.*) \((UP|DOWN)\) ###$/;

interface Sent {
  readonly steps: string;
  readonly transaction: boolean;
}

/** Runs node-pg-migrate with a client that notes what it is sent, by the migration that it belongs to. */
async function follow(
  run: Runner,
  options: Readonly<Record<string, unknown>> & { readonly folder: string },
  recorded: readonly string[],
  into: Map<string, Sent>,
): Promise<void> {
  let current: { name: string; steps: string[]; transaction: boolean } | undefined;
  const query = async (sent: string | { text: string }) => {
    const text = typeof sent === "string" ? sent : sent.text;
    if (current === undefined) {
      if (RECORDED.test(text)) return { rows: recorded.map((name) => ({ name })) };
      if (BOOKKEEPING.test(text)) return { rows: [{}] };
      throw new Error(`it asks the database: ${text.trim().slice(0, 200)}`);
    }
    if (text === "BEGIN;") current.transaction = true;
    else if (text.includes(` "public"."${TABLE}" `)) {
      into.set(current.name, { steps: current.steps.join("\n"), transaction: current.transaction });
      if (!current.transaction) current = undefined;
    } else if (text === "COMMIT;") current = undefined;
    else current.steps.push(text);
    return { rows: [] };
  };
  const info = (line: string) => {
    const [, name] = BEGINS.exec(line) ?? [];
    if (name !== undefined) current = { name, steps: [], transaction: false };
  };
  const quiet = () => {};
  await run({
    ...options,
    dir: options.folder,
    dbClient: { query },
    migrationsTable: TABLE,
    count: Number.POSITIVE_INFINITY,
    ...{ noLock: true, checkOrder: false, singleTransaction: false },
    logger: { debug: quiet, info, warn: quiet, error: quiet },
  });
}

/** No project has a table of this name. */
const TABLE = "seakeep_recorder";

/** Undefined: the author gave no way back, and none can be inferred. */
async function renderDown(run: Runner, folder: string, name: string): Promise<string | undefined> {
  const downs = new Map<string, Sent>();
  try {
    await follow(run, { folder, direction: "down", file: name }, [name], downs);
  } catch (error) {
    if (/disabled down migration|automatically infer|Unknown value for direction/.test(String(error))) {
      return undefined;
    }
    throw error;
  }
  return downs.get(name)?.steps;
}

function runnerOf(module: Readonly<Record<string, unknown>>): Runner {
  const found = [module.runner, (module.default as typeof module)?.default, module.default].find(
    (candidate) => typeof candidate === "function",
  );
  if (found === undefined) throw new Error("this version of node-pg-migrate has no runner");
  return found as Runner;
}

function missing(name: string): never {
  throw new Error(`node-pg-migrate does not run ${name}`);
}

await record("node-pg-migrate", async ({ folder, names, tool }) => {
  const run = runnerOf(await import(pathToFileURL(tool).href));
  const ups = new Map<string, Sent>();
  await follow(run, { folder, direction: "up" }, [], ups);
  const rendered: Recorded[] = [];
  for (const name of names) {
    const { steps, transaction } = ups.get(name) ?? missing(name);
    const down = await renderDown(run, folder, name);
    rendered.push({ name, up: steps, ...(down === undefined ? {} : { down }), transaction });
  }
  return rendered;
});
