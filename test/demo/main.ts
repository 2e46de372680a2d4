import { constants } from "node:os";
import { parseArgs } from "node:util";
import { type Delivery, openScratch, type Scratch, startStack, startTraffic } from "../stack/index.ts";
import { breakages } from "./breakages.ts";
import { type Narrator, narrator, table, wantsColour } from "./narrator.ts";
import { breakStep, checkStep, type Outcome, quietStep, type Scene } from "./steps.ts";

const usage = `Usage: script/demo [--once]

Starts a real service and what watches it on free ports of 127.0.0.1, breaks the service in three ways and shows each
page as it arrives. Stays up until Ctrl-C; leaves no process and no file behind.

  --once    end after the last step; exit 0 only if every step was seen to work
  --help    print this
`;
const scale = "1/60";
const rate = 20;
const quietSeconds = 30;
const hour = 3_600_000;

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (options instanceof Error) {
    process.stderr.write(`${options.message}\n\n${usage}`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(usage);
    return 0;
  }
  const scratch = await openScratch();
  closeWhenTold(scratch);
  const colour = wantsColour(process.stdout.isTTY, process.env);
  const voice = narrator((text) => process.stdout.write(text), { colour });
  let outcomes: Outcome[];
  try {
    const scene = await open(scratch, voice);
    outcomes = await perform(scene);
    conclude(voice, outcomes);
    if (!options.once) await stayUp(scene);
  } finally {
    await scratch.close();
  }
  voice.heading("Every part is stopped; nothing is left behind.");
  return outcomes.every(({ passed }) => passed) ? 0 : 1;
}

function readOptions(args: readonly string[]): { once?: boolean; help?: boolean } | Error {
  try {
    return parseArgs({ args: [...args], options: { once: { type: "boolean" }, help: { type: "boolean" } } })
      .values;
  } catch (error) {
    return error as Error;
  }
}

async function open(scratch: Scratch, voice: Narrator): Promise<Scene> {
  voice.heading("A real service, watched, broken in three ways");
  voice.say(`Every window is shrunk to ${scale} of its length: a second here stands for a minute.`);
  voice.heading("Starting the parts");
  const stack = await startStack({
    scale,
    scratch,
    onReady: (part, where, seconds) =>
      voice.say(`${part.padEnd(18)} ${seconds.toFixed(1).padStart(5)} s   ${voice.faint(where)}`),
    onDelivery: (delivery) => announce(voice, delivery),
  });
  const traffic = startTraffic({ url: stack.api.url, paths: await stack.api.paths(), rate, limit: hour });
  voice.say(`Traffic: ${rate} requests a second, like readers of the catalogue.`);
  return { stack, traffic, narrator: voice };
}

async function perform(scene: Scene): Promise<Outcome[]> {
  const { narrator: voice } = scene;
  voice.heading("Is this deploy sound?  $ seakeep check");
  const outcomes = [await checkStep(scene)];
  voice.heading(`Quiet: ${quietSeconds} seconds of healthy traffic`);
  outcomes.push(await quietStep(scene, quietSeconds));
  for (const breakage of breakages) {
    voice.heading(`Fault: ${breakage.step}`);
    outcomes.push(await breakStep(scene, breakage));
  }
  return outcomes;
}

/** One piece of news, in the words in which it arrived. */
function announce(voice: Narrator, { route, status, annotations, labels }: Delivery): void {
  const summary = annotations.summary ?? labels.alertname ?? "";
  if (status === "resolved") {
    voice.at(`${voice.good(`${route} resolved`)}  ${summary}`);
  } else if (route === "ticket") {
    voice.at(`ticket  ${summary}`);
  } else {
    voice.at(`${voice.bad("PAGE")}  ${summary}`);
    voice.more(annotations.description ?? "");
  }
}

function conclude(voice: Narrator, outcomes: readonly Outcome[]): void {
  const rows = outcomes.map(({ step, done, expected, seen, passed, seconds }) => {
    const verdict = passed ? voice.good("ok") : voice.bad("FAILED");
    return [verdict, step, done, expected, seen, seconds.toFixed(1)];
  });
  voice.heading("What was seen");
  voice.quote(table([["", "step", "done", "expected", "seen", "seconds"], ...rows]));
}

/** Prints where everything is; pages are still shown as they arrive. Ends only with a signal. */
async function stayUp({ stack, narrator: voice }: Scene): Promise<never> {
  const at = ({ port }: { readonly port: number }) => `http://127.0.0.1:${port}/`;
  voice.heading("Still up, with traffic for an hour; Ctrl-C ends it");
  voice.say(`courses API    ${stack.api.url}/api/v1/courses/`);
  voice.say(`Prometheus     ${at(stack.prometheus)}alerts`);
  voice.say(`Alertmanager   ${at(stack.alertmanager)}`);
  voice.say(`blackbox       ${at(stack.blackbox)}`);
  voice.say("Break it yourself, and heal it with {}:");
  voice.say(
    `  curl -X POST ${stack.api.url}/__faults/ -H 'content-type: application/json' -d '{"errors": 0.5}'`,
  );
  voice.mark();
  return new Promise(() => {});
}

let told = false;

/** Ends the parts before this process does; the reaper does it after a signal that cannot be caught. */
function closeWhenTold(scratch: Scratch): void {
  const leave = (signal: "SIGINT" | "SIGTERM" | "SIGHUP" | "SIGPIPE") => {
    told = true;
    void scratch.close().finally(() => process.exit(128 + constants.signals[signal]));
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, leave);
  // The reader of a pipe, such as `head`, has seen enough.
  process.stdout.once("error", () => leave("SIGPIPE"));
}

const code = await main(process.argv.slice(2)).catch((error: Error) => {
  // Parts that were ended on purpose fail whoever waited for them.
  if (!told) process.stderr.write(`\nThe demo could not go on: ${error.message}\n`);
  return 1;
});
// Traffic and the receiver of pages live in this process and would keep it up.
if (!told) process.exit(code);
