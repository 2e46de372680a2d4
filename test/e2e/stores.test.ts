import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll } from "vitest";
import { describeStore } from "../../packages/ops/src/backup/stores/conformance.testkit.ts";
import { openStore } from "../../packages/ops/src/backup/stores/open.ts";
import { createBucket } from "../stack/bucket.ts";
import { type Ceph, startCeph } from "../stack/ceph.ts";
import { openScratch, type Scratch } from "../stack/scratch.ts";

let scratch: Scratch;
let ceph: Ceph;
beforeAll(async () => {
  scratch = await openScratch();
  ceph = await startCeph(scratch);
  Object.assign(process.env, ceph.env);
  await createBucket(ceph, "conformance");
}, 180_000);
afterAll(() => scratch.close());

describeStore("Ceph's S3", {
  // Ceph ignores the condition when an upload in parts is completed; manifests and locks are far smaller than a part.
  atomicSizes: [100],
  async start() {
    const url = `s3://conformance/some/prefix?endpoint=${encodeURIComponent(ceph.endpoint)}`;
    return { url, open: () => openStore(url) };
  },
});

describeStore("a folder", {
  async start() {
    const url = pathToFileURL(join(scratch.folder, "store")).href;
    return { url, open: () => openStore(url, { create: true }) };
  },
});
