import type { Server } from "node:http";
import { monitorLoop } from "./loop.ts";

/** A module that a server child runs: it builds the named variant and does not listen yet. */
export interface ServerModule {
  start(variant: string): Promise<Server> | Server;
}

/** What the parent may ask of a server child, and what it is answered. */
export interface Answers {
  /** CPU time of the whole process so far, user and system, microseconds. */
  cpu: number;
  /** Heap in use after a full collection, bytes. */
  heap: number;
  /** Starts watching the event loop. */
  watch: true;
  /** Longest time the event loop was held since `watch`, milliseconds. */
  hold: number;
}

const [moduleUrl, variant] = process.argv.slice(2);
if (moduleUrl === undefined || variant === undefined || process.send === undefined) {
  throw new Error("Started by the harness only: child.js <module> <variant>, with an IPC channel.");
}

let stopWatching: () => number = () => 0;

const answer: { [Question in keyof Answers]: () => Answers[Question] } = {
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  heap: () => {
    if (globalThis.gc === undefined) throw new Error("Heap is measured under --expose-gc only.");
    globalThis.gc();
    return process.memoryUsage().heapUsed;
  },
  watch: () => {
    stopWatching = monitorLoop();
    return true;
  },
  hold: () => stopWatching(),
};

// A parent that was killed must leave no server behind.
process.once("disconnect", () => process.exit());
process.on("message", (question: keyof Answers) => process.send?.({ answer: answer[question]() }));

const { start } = (await import(moduleUrl)) as ServerModule;
const server = await start(variant);
// Bursts are seconds apart; reconnecting between them would be measured as cost of a request.
server.keepAliveTimeout = 0;
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.({ port: typeof address === "object" ? address?.port : undefined });
});
