import { readdirSync, readFileSync } from "node:fs";

const EVERY = 100;
const KIB = 1024;

/**
 * Watches the memory of a process and all that it started: the highest sum of their RSS that was seen ten times a second,
 * bytes. What several of them share, such as libraries, counts once for each. Linux only.
 */
export function watchMemory(root: number): () => number {
  let peak = 0;
  const look = () => {
    peak = Math.max(peak, memoryOf(root));
  };
  const timer = setInterval(look, EVERY);
  return () => {
    clearInterval(timer);
    return peak;
  };
}

function memoryOf(root: number): number {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    // The name of the program, in parentheses, may hold spaces.
    const parent = /.*\) \S (\d+)/s.exec(read(`/proc/${name}/stat`))?.[1];
    if (parent !== undefined) parents.set(Number(name), Number(parent));
  }
  const isIn = (pid: number | undefined): boolean =>
    pid !== undefined && (pid === root || isIn(parents.get(pid)));
  return [...parents.keys()]
    .filter(isIn)
    .map((pid) => Number(/^Rss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0) * KIB)
    .reduce((sum, bytes) => sum + bytes, 0);
}

/** Empty when the process is gone. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
