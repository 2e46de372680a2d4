import { type ChildProcessByStdio, spawn } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { type CommandResult, runCommand } from "../../stack/commands.ts";
import type { Scratch } from "../../stack/scratch.ts";

const root = join(import.meta.dirname, "../../..");
const command = join(dirname(createRequire(import.meta.url).resolve("seakeep")), "main.js");

/** What a scenario declares; the source of the two files that a user would write. */
export interface Declaration {
  /** The list, such as `errors({ objective: 99 })`. */
  readonly slos: string;
  /** Further keys of `defineService`. */
  readonly service?: string;
  /** Further keys of `defineOps`. */
  readonly ops?: string;
}

/** A user's project in a scratch folder, with a configuration and the packages to import. */
export interface Project {
  readonly folder: string;
  /** Path of a generated file. */
  file(path: string): string;
  seakeep(...args: readonly string[]): Promise<CommandResult>;
  /** Starts the command and leaves it to the caller. */
  start(...args: readonly string[]): ChildProcessByStdio<null, Readable, Readable>;
}

let made = 0;

const shared = new Map<string, Promise<Project>>();

/** A generated project that nobody changes: one is made for all that ask for the same. */
export function generatedOnce(
  scratch: Scratch,
  declaration: Declaration,
  ...args: readonly string[]
): Promise<Project> {
  const key = JSON.stringify([declaration, args]);
  const project = shared.get(key) ?? generated(scratch, declaration, ...args);
  shared.set(key, project);
  return project;
}

/** Writes a project and runs `seakeep generate` in it. */
export async function generated(
  scratch: Scratch,
  declaration: Declaration,
  ...args: readonly string[]
): Promise<Project> {
  const folder = join(scratch.folder, `project-${made++}`);
  await mkdir(folder);
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  await writeFile(join(folder, "seakeep.config.ts"), source(declaration));
  const project: Project = {
    folder,
    file: (path) => join(folder, "generated", path),
    seakeep: (...given) =>
      runCommand(scratch, { command: process.execPath, args: [command, ...given], cwd: folder }),
    start: (...given) =>
      spawn(process.execPath, [command, ...given], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] }),
  };
  const { code, stderr } = await project.seakeep("generate", ...args);
  if (code !== 0) throw new Error(`seakeep generate ended with ${code}\n${stderr}`);
  return project;
}

function source({ slos, service = "", ops = "" }: Declaration): string {
  return `
import { availability, defineService, errors, latency, saturation } from "@seakeep/contract";
import { defineOps, email, env, fs, pagerduty, secret, slack, webhook } from "seakeep";
const service = defineService({ name: "shop", owner: "sales", slos: [${slos}], ${service} });
export default defineOps({
  service,
  url: env("SERVICE_URL", "http://127.0.0.1:3000"),
  alerting: { page: webhook("http://127.0.0.1:9095/page"), ticket: webhook("http://127.0.0.1:9095/ticket") },
  ${ops}
});
void [availability, errors, latency, saturation, email, fs, pagerduty, secret, slack];
`;
}
