import { parseArgs } from "node:util";
import { KINDS } from "./kinds/index.ts";
import { openRuns, type Runs, type Verdict } from "./runs.ts";

const usage = `Usage: script/faults [--runs 1000] [--seed 1] [--only kind] [--verbose]

Breaks backups in seeded ways, and looks whether anything is said of them that is not true. See test/faults/README.md.

  --runs      how many seeds, one after the other (default 1000)
  --seed      the first of them (default 1)
  --only      one kind of fault: ${Object.keys(KINDS).join(", ")}
  --verbose   a line for every run, not only for lies
  --help      print this

Exit codes: 0 no lie was told, 1 at least one was, 2 usage.
`;

interface Wanted {
  readonly runs: number;
  readonly seed: number;
  readonly only: string | undefined;
  readonly verbose: boolean;
}

async function main(args: readonly string[]): Promise<number> {
  const wanted = readWanted(args);
  if (typeof wanted === "string") {
    process.stderr.write(wanted);
    return wanted === usage ? 0 : 2;
  }
  const runs = await openRuns();
  const stopped = stopWhenTold();
  const verdicts: Verdict[] = [];
  try {
    await each(runs, wanted, stopped, verdicts);
  } finally {
    await runs.close();
  }
  process.stdout.write(summary(verdicts));
  return verdicts.length > 0 && verdicts.every(({ lies }) => lies.length === 0) ? 0 : 1;
}

async function each(runs: Runs, wanted: Wanted, stopped: () => boolean, verdicts: Verdict[]): Promise<void> {
  for (let seed = wanted.seed; seed < wanted.seed + wanted.runs && !stopped(); seed++) {
    const verdict = await runs.run(seed, wanted.only);
    verdicts.push(verdict);
    for (const line of told(verdict, wanted.verbose)) process.stdout.write(`${line}\n`);
  }
}

function told({ seed, kind, lies, notes, seconds }: Verdict, verbose: boolean): string[] {
  const shown = (text: string) => text.replaceAll(/\s+/g, " ").slice(0, 700);
  const what = shown(notes.join("; "));
  if (lies.length === 0) return verbose ? [`ok  ${seed} ${kind} (${seconds.toFixed(1)} s): ${what}`] : [];
  const again = `script/faults --runs 1 --seed ${seed} --only ${kind}`;
  return lies.map((lie) => `LIE ${seed} ${kind}: ${shown(lie)} [${what}] again: ${again}`);
}

/** A row a kind: how many runs, how many of them met a lie, and how long they took. */
function summary(verdicts: readonly Verdict[]): string {
  const rows = Object.keys(KINDS).flatMap((kind) => {
    const of = verdicts.filter((verdict) => verdict.kind === kind);
    if (of.length === 0) return [];
    return [[kind, of.length, of.filter(({ lies }) => lies.length > 0).length, seconds(of)] as const];
  });
  const lied = verdicts.filter(({ lies }) => lies.length > 0).length;
  const line = ([kind, runs, lies, took]: readonly [string, unknown, unknown, unknown]) =>
    `${kind.padEnd(18)}${String(runs).padStart(6)}${String(lies).padStart(10)}${String(took).padStart(9)}\n`;
  return [
    ["fault", "runs", "with lies", "seconds"] as const,
    ...rows,
    ["all", verdicts.length, lied, seconds(verdicts)] as const,
  ]
    .map(line)
    .join("");
}

function seconds(verdicts: readonly Verdict[]): string {
  return verdicts.reduce((sum, verdict) => sum + verdict.seconds, 0).toFixed(0);
}

function readWanted(args: readonly string[]): Wanted | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        runs: { type: "string", default: "1000" },
        seed: { type: "string", default: "1" },
        only: { type: "string" },
        verbose: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) return usage;
    const { only, verbose } = values;
    const [runs, seed] = [Number(values.runs), Number(values.seed)];
    const known = only === undefined || only in KINDS;
    if (!known || !Number.isInteger(runs) || runs < 1 || !Number.isInteger(seed) || seed < 0)
      return `\n${usage}`;
    return { runs, seed, only, verbose };
  } catch (error) {
    return `${(error as Error).message}\n\n${usage}`;
  }
}

/** Ctrl-C ends after the run that is under way, so that it is judged and tidied up; a second one at once. */
function stopWhenTold(): () => boolean {
  let told = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      told = true;
      process.once(signal, () => process.exit(130));
    });
  }
  return () => told;
}

process.exitCode = await main(process.argv.slice(2));
