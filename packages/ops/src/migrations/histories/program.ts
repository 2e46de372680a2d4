import { type ChildProcess, fork } from "node:child_process";
import { createRequire } from "node:module";
import { extname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { SeakeepError } from "@seakeep/contract";
import type { RecordAnswer, Recorded, RecordRequest } from "./recorder.ts";

/** How long a project's migrations may take to say what they would do, milliseconds. */
const TIME_LIMIT = 30_000;

/** What a program of the project may need; no credential of this one is among it. */
const ENVIRONMENT = ["PATH", "HOME", "LANG", "LC_ALL", "NODE_ENV", "NODE_PATH", "TMPDIR", "TZ"];

/**
 * Renders migrations that are programs to SQL: the recorder of their kind runs the project's own copy of the tool in a
 * process of its own, against a client that only writes down what it is sent.
 *
 * @param kind folder of the recorder, and package of the tool
 * @throws {SeakeepError} `SK-MIGRATIONS-003` when the tool is not installed, raises an error, asks the database or does
 * not come to an end.
 */
export async function renderWith(
  kind: "knex" | "node-pg-migrate",
  { folder, names }: Omit<RecordRequest, "tool">,
): Promise<readonly Recorded[]> {
  const request: RecordRequest = { folder, names, tool: findTool(kind, folder) };
  const answer = await ask(recorderOf(kind), request);
  if ("migrations" in answer) return answer.migrations;
  throw new SeakeepError("SK-MIGRATIONS-003", `The SQL of ${folder} cannot be made: ${answer.problem}`);
}

function findTool(name: string, folder: string): string {
  try {
    return createRequire(join(folder, "index.js")).resolve(name);
  } catch (cause) {
    throw new SeakeepError(
      "SK-MIGRATIONS-003",
      `${folder} holds programs, and ${name} cannot be found from it.`,
      {
        fix: `Install it in the project: npm install ${name}.`,
        cause,
      },
    );
  }
}

/** Beside this file, with its extension: the sources run as they are. */
function recorderOf(kind: string): string {
  return fileURLToPath(new URL(`./${kind}/recorder${extname(import.meta.url)}`, import.meta.url));
}

async function ask(recorder: string, request: RecordRequest): Promise<RecordAnswer> {
  const jiti = pathToFileURL(
    join(createRequire(import.meta.url).resolve("jiti/package.json"), "../lib/jiti-register.mjs"),
  );
  const child = fork(recorder, [], {
    cwd: request.folder,
    env: Object.fromEntries(ENVIRONMENT.map((name) => [name, process.env[name]])),
    execArgv: ["--import", jiti.href],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  try {
    return await answerOf(child, request);
  } finally {
    // What a migration left open must not keep us; what it did not finish must not go on.
    child.kill("SIGKILL");
  }
}

function answerOf(child: ChildProcess, request: RecordRequest): Promise<RecordAnswer> {
  return new Promise((resolve) => {
    let said = "";
    child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-2000);
    });
    const timer = setTimeout(() => {
      resolve({ problem: `it did not come to an end within ${TIME_LIMIT / 1000} s.` });
    }, TIME_LIMIT);
    const settle = (answer: RecordAnswer) => {
      clearTimeout(timer);
      resolve(answer);
    };
    child.once("message", (answer) => settle(answer as RecordAnswer));
    child.once("error", (error) => settle({ problem: error.message }));
    child.once("close", (code, signal) =>
      settle({ problem: `it ended with ${code ?? signal}. ${said.trim()}` }),
    );
    child.send(request, (error) => {
      // A process that ended before it could be asked is reported by its end.
      if (error) child.disconnect();
    });
  });
}
