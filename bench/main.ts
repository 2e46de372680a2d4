import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { backup } from "./backup/run.ts";
import { stream } from "./backup/stream.ts";
import { exitCode } from "./budgets.ts";
import { flood } from "./flood/run.ts";
import { record } from "./record.ts";
import { formatSection, type Run, type Section } from "./report.ts";
import { requests } from "./requests/run.ts";
import { scrape } from "./scrape/run.ts";

const HELP = `Usage: script/bench [requests|record|scrape|flood|backup|stream]... [options]

What instrumentation costs, Seakeep beside its peers, in one run. Default: the first four, about four
minutes on an idle machine.

  requests   CPU per request: bare servers, Seakeep, the peers
  record     time to record one request's metrics
  scrape     CPU and longest event-loop hold of a scrape with 10 000 and 100 000 series
  flood      series and heap after 200 000 hostile paths
  backup     backup and restore of 1 GB beside pg_dump and pg_restore; with Postgres and Ceph, some ten minutes more
  stream     memory of a backup and restore of 20 GB; with Postgres, Ceph and 25 GB of disk, some twenty minutes more

  --quick    less of everything, under a minute; figures are rough
  --json     one JSON document on stdout and nothing else
  --budget   exit 1 when a budget is missed, 3 when it could not be told
  --help

bench/README.md says how it is measured and how to read it.
`;

const SECTIONS: Readonly<Record<string, (run: Run) => Promise<Section>>> = {
  requests,
  record,
  scrape,
  flood,
  backup,
  stream,
};
/** The others need more than Node. */
const DEFAULT = ["requests", "record", "scrape", "flood"];

interface Command {
  readonly parts: readonly string[];
  readonly quick: boolean;
  readonly json: boolean;
  readonly budget: boolean;
  readonly help: boolean;
}

/** @throws {TypeError} when it is not understood */
function readCommand(): Command {
  const flag = { type: "boolean", default: false } as const;
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { quick: flag, json: flag, budget: flag, help: flag },
  });
  const unknown = positionals.find((name) => !Object.hasOwn(SECTIONS, name));
  if (unknown !== undefined) throw new TypeError(`There is no part "${unknown}".`);
  return { ...values, parts: positionals.length === 0 ? DEFAULT : [...new Set(positionals)] };
}

async function measure({ parts, quick, json, budget }: Command): Promise<number> {
  const machine = `Node ${process.versions.node}, ${availableParallelism()} cores, ${process.platform} ${process.arch}`;
  const date = new Date().toISOString().slice(0, 10);
  if (!json) console.log(`${machine}, ${date}${quick ? ", --quick: rough figures" : ""}`);

  const progress = (text: string) => void process.stderr.write(`${text}\n`);
  const sections: Section[] = [];
  for (const part of parts) {
    const section = await SECTIONS[part]!({ quick, progress });
    sections.push(section);
    if (!json) console.log(`\n${formatSection(section)}`);
  }
  if (json) {
    const results = sections.map(({ name, figures, budgets }) => ({ name, figures, budgets }));
    console.log(JSON.stringify({ machine, date, quick, sections: results }));
  }
  return budget ? exitCode(sections.flatMap(({ budgets }) => budgets)) : 0;
}

let command: Command | undefined;
try {
  command = readCommand();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n\n${HELP}`);
  process.exitCode = 2;
}
if (command?.help) process.stdout.write(HELP);
else if (command !== undefined) process.exitCode = await measure(command);
