import { execFile } from "node:child_process";
import type { Environment } from "../../print.ts";
import type { WorkingTree } from "./facts.ts";

/** Longest list of changed paths that is read, bytes. */
const MOST = 16 * 1024 * 1024;

/** Of the environment; the rest may be secrets, or lead git to another repository. */
const PASSED_ON = /^(PATH|HOME|XDG_CONFIG_HOME|GIT_CONFIG_[A-Z0-9_]+)$/;

/**
 * What git says of the folder's repository; `undefined` when it is in none, or has no commit yet.
 *
 * @throws {Error} when git cannot be run, or fails at anything else.
 */
export async function readTree(
  folder: string,
  version: string | undefined,
  environment: Environment,
  signal: AbortSignal,
): Promise<WorkingTree | undefined> {
  const git = (...args: string[]) => run(args, { folder, environment, signal });
  const top = await git("rev-parse", "--show-toplevel", "--verify", "HEAD^{commit}");
  if (top === undefined) return undefined;
  const commit = top.trim().split("\n").at(-1)!;
  const status = (await git("status", "--porcelain=v1", "-z", "--untracked-files=normal")) ?? "";
  const tags = ((await git("tag", "--points-at", "HEAD")) ?? "").split("\n").filter((tag) => tag !== "");
  const versionCommit =
    version && (await git("rev-parse", "--verify", "--quiet", `refs/tags/${version}^{commit}`));
  return {
    ...{ commit, tags, changed: pathsOf(status) },
    ...(versionCommit && { versionCommit: versionCommit.trim() }),
  };
}

/** Paths of `git status -z`: a rename is followed by the path that it was, which is not counted again. */
function pathsOf(status: string): string[] {
  const entries = status.split("\0");
  const paths: string[] = [];
  for (let index = 0; index < entries.length; index++) {
    const entry = entries[index]!;
    if (entry === "") continue;
    paths.push(entry.slice(3));
    if (/^[RC]/.test(entry)) index++;
  }
  return paths;
}

interface Where {
  readonly folder: string;
  readonly environment: Environment;
  readonly signal: AbortSignal;
}

/** `undefined`: git answered that there is no such thing. */
function run(args: readonly string[], { folder, environment, signal }: Where): Promise<string | undefined> {
  // A repository may name a program of its own to watch its files; looking must not start it, nor take locks.
  const all = ["-C", folder, "-c", "core.fsmonitor=false", "-c", "core.quotePath=false", ...args];
  const kept = Object.entries(environment).filter(([name]) => PASSED_ON.test(name));
  const env = { ...Object.fromEntries(kept), GIT_OPTIONAL_LOCKS: "0", LC_ALL: "C" };
  return new Promise((resolve, reject) => {
    execFile("git", all, { env, signal, maxBuffer: MOST, encoding: "utf8" }, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      // 128: no repository, or no commit in it; 1: no such tag. Someone else's repository is neither.
      const none = /not a git repository|Needed a single revision|unknown revision/.test(stderr);
      if (error.code === 1 || (error.code === 128 && none)) return resolve(undefined);
      reject(new Error(`git ${args[0]}: ${stderr.trim().split("\n", 1)[0] || error.message}`));
    });
  });
}
