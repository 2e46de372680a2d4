/**
 * Watches the event loop until the returned function is called, which gives the longest time between two turns, in
 * milliseconds. It spins, so it sees holds below a millisecond, which `monitorEventLoopDelay` does not, but it also
 * burns CPU: never measure CPU time meanwhile.
 *
 * A hold is the time that passed or the CPU time that was used, whichever is less: another process taking the core
 * holds nothing, and threads that collect garbage at the same time hold it once.
 */
export function monitorLoop(): () => number {
  let longest = 0;
  let last = now();
  let timer = setImmediate(turn);
  function turn(): void {
    const { wall, cpu } = now();
    longest = Math.max(longest, Math.min(wall - last.wall, cpu - last.cpu));
    last = { wall, cpu };
    timer = setImmediate(turn);
  }
  return () => {
    clearImmediate(timer);
    return longest;
  };
}

function now(): { readonly wall: number; readonly cpu: number } {
  const { user, system } = process.cpuUsage();
  return { wall: performance.now(), cpu: (user + system) / 1e3 };
}
