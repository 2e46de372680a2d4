import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe } from "vitest";
import { conforms } from "../conformance.testkit.ts";
import { INTERVAL } from "../histories.testkit.ts";
import { openEmbedded } from "./open.ts";
import { recordHistories } from "./record-histories.testkit.ts";

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

describe("embedded signals", () =>
  conforms(async () => {
    const folder = await mkdtemp(join(tmpdir(), "seakeep-signals-"));
    folders.push(folder);
    const path = join(folder, "signals.db");
    recordHistories(path);
    return openEmbedded(path, {
      fetch,
      secret: async () => undefined,
      now: Date.now,
      scrapeInterval: INTERVAL * 1000,
    });
  }));
