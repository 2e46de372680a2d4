import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** A process of this machine. */
export interface Seen {
  readonly pid: number;
  readonly parent: number;
  /** Name of its program, at most 15 characters. */
  readonly name: string;
}

/** Every process there is, by Linux's /proc. */
function processes(): Seen[] {
  return readdirSync("/proc").flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    const stat = read(`/proc/${entry}/stat`);
    const close = stat.lastIndexOf(")");
    if (close === -1) return [];
    const [state, parent] = stat.slice(close + 2).split(" ");
    if (state === "Z") return [];
    return [{ pid: Number(entry), parent: Number(parent), name: stat.slice(stat.indexOf("(") + 1, close) }];
  });
}

/** What a process started, and what that started. */
export function descendants(root: number): Seen[] {
  const all = processes();
  const found: Seen[] = [];
  for (let parents = [root]; parents.length > 0; ) {
    const children = all.filter(({ parent }) => parents.includes(parent));
    found.push(...children);
    parents = children.map(({ pid }) => pid);
  }
  return found;
}

/** Processes that work in a folder or below it, or whose environment names it: those of one trial, whoever their parent is by now. */
export function processesOf(folder: string): Seen[] {
  return processes().filter(
    ({ pid }) =>
      pid !== process.pid &&
      (`${workingFolder(pid)}/`.startsWith(`${folder}/`) || read(`/proc/${pid}/environ`).includes(folder)),
  );
}

function workingFolder(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return "";
  }
}

/** The command line, as every user of the machine can read it. */
export function commandLine(pid: number): string {
  return read(`/proc/${pid}/cmdline`);
}

function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    // It ended meanwhile.
    return "";
  }
}
