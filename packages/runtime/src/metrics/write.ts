import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { setImmediate as turn } from "node:timers/promises";

/**
 * Writes chunks and ends the response. Between two chunks the event loop turns, so that requests are served during a
 * scrape however many series there are; a slow reader is waited for; one that hangs up ends the work at once.
 */
export async function writeChunks(response: ServerResponse, chunks: AsyncIterable<string>): Promise<void> {
  const gone = new AbortController();
  const leave = () => gone.abort();
  response.once("close", leave);
  try {
    for await (const chunk of chunks) {
      if (response.destroyed) return;
      if (chunk !== "" && !response.write(chunk)) await once(response, "drain", { signal: gone.signal });
      await turn();
    }
    response.end();
  } catch (error) {
    // The reader left: there is nobody to tell, and nothing went wrong here.
    if (!gone.signal.aborted) throw error;
  } finally {
    response.off("close", leave);
  }
}
