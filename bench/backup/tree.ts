import { readdirSync, readFileSync } from "node:fs";

const EVERY = 200;
const KIB = 1024;

/** What the processes of a command hold of the machine's memory, bytes. */
export interface Memory {
  /** Every page once, also where several of them share it, as libraries are. */
  readonly held: number;
  /** The sum of their RSS: what is shared counts for each. */
  readonly rss: number;
}

/** Watches all that a process starts, and not it itself: the highest values that were seen five times a second. Linux only. */
export function watchMemory(root: number): () => Memory {
  let peak: Memory = { held: 0, rss: 0 };
  const look = () => {
    const { held, rss } = memoryBelow(root);
    peak = { held: Math.max(peak.held, held), rss: Math.max(peak.rss, rss) };
  };
  const timer = setInterval(look, EVERY);
  return () => {
    clearInterval(timer);
    return peak;
  };
}

function memoryBelow(root: number): Memory {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    // The name of the program, in parentheses, may hold spaces.
    const parent = /.*\) \S (\d+)/s.exec(read(`/proc/${name}/stat`))?.[1];
    if (parent !== undefined) parents.set(Number(name), Number(parent));
  }
  const isBelow = (pid: number): boolean => {
    const parent = parents.get(pid);
    return parent !== undefined && (parent === root || isBelow(parent));
  };
  let [own, rss] = [0, 0];
  const files = new Map<string, number>();
  for (const pid of [...parents.keys()].filter(isBelow)) {
    for (const { file, all, anonymous } of mappingsOf(pid)) {
      rss += all;
      own += anonymous;
      files.set(file, Math.max(files.get(file) ?? 0, all - anonymous));
    }
  }
  return { held: own + [...files.values()].reduce((sum, bytes) => sum + bytes, 0), rss };
}

/** Its mappings; a piece of a file has the same name in every process that maps it. Source: proc(5), smaps. */
function* mappingsOf(pid: number): Generator<{ file: string; all: number; anonymous: number }> {
  const mapping =
    /^[\da-f]+-[\da-f]+ \S+ (\S+ \S+ \d+)[^\n]*\n(?:[A-Z][^\n]*\n)*?Rss: +(\d+) kB\n(?:[A-Z][^\n]*\n)*?Anonymous: +(\d+) kB/gm;
  for (const [, file = "", all, anonymous] of read(`/proc/${pid}/smaps`).matchAll(mapping)) {
    yield { file, all: Number(all) * KIB, anonymous: Number(anonymous) * KIB };
  }
}

/** Empty when the process is gone. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
