import { openStore } from "./open.ts";

/** Puts an object of endless length until it is killed, and says when the store has taken some of it. */
const [, , url = "", key = ""] = process.argv;

async function* endless(): AsyncGenerator<Uint8Array> {
  const chunk = new Uint8Array(1024 * 1024).fill(1);
  for (let sent = 0; ; sent++) {
    if (sent === 24) process.stdout.write("under way\n");
    // Slow enough to be killed long before it is large.
    if (sent > 24) await new Promise((resolve) => setTimeout(resolve, 20));
    yield chunk;
  }
}

const store = await openStore(url);
await store.put(key, endless(), { kind: "data" });
