import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeCertificate } from "../checks/certificate.ts";
import { COURSES } from "../checks/change.ts";
import { RELEASE, TOKEN } from "../checks/faults/fault.ts";
import { FAULTS } from "../checks/faults/index.ts";
import { startProxy } from "../checks/proxy.ts";
import { inTurns, runDefaults, runTls, tryFault } from "../checks/trial.ts";
import { runCommand } from "../stack/commands.ts";
import { startCoursesApi } from "../stack/courses-api.ts";
import { openScratch, type Scratch, startPostgres } from "../stack/index.ts";
import { freePort } from "../stack/ports.ts";

const seakeep = join(dirname(createRequire(import.meta.url).resolve("seakeep")), "../bin/seakeep.js");

let scratch: Scratch;
let service: URL;
beforeAll(async () => {
  scratch = await openScratch();
  const postgres = await startPostgres(scratch);
  const databaseUrl = await postgres.createDatabase("courses");
  const options = { databaseUrl, metricsToken: TOKEN, port: await freePort() };
  service = new URL((await startCoursesApi(scratch, options)).url);
  // Metrics of no request cannot be wrong.
  await fetch(new URL(COURSES, service));
});
afterAll(() => scratch?.close());

// script/checks runs all the default checks against each.
test("every seeded fault is found, by the check that must find it", async () => {
  const trials = await inTurns(FAULTS, 6, (fault) => tryFault(fault, service, { whole: false }));
  const missed = trials.filter(({ found }) => !found);
  expect(missed.map(({ fault, verdict, told }) => `${fault.name}: ${verdict} (${told})`)).toEqual([]);
  expect(trials.length).toBeGreaterThanOrEqual(60);
});

// script/checks does ten thousand.
test("nothing is found where nothing is wrong: bare, with the declaration, of the right version, behind a proxy", async () => {
  const proxy = await startProxy(service);
  const given = [{}, { declared: true }, { expectVersion: RELEASE }];
  const runs = Array.from({ length: 100 }, (_, run) => ({
    url: [service, proxy.url][run % 2]!,
    ...given[run % 3]!,
  }));
  const reports = await inTurns(runs, 4, ({ url, ...rest }) => runDefaults(url, rest));
  proxy.close();
  const alarms = reports.flatMap(({ checks }) => checks.filter(({ verdict }) => verdict !== "passed"));
  expect(alarms.map(({ name, verdict, reason }) => `${name} ${verdict}: ${reason}`)).toEqual([]);
});

describe("over TLS, the default checks", () => {
  const day = 86_400_000;
  const from = (days: number) => new Date(Date.now() + days * day);
  const hosts = ["127.0.0.1"];
  const authority = makeCertificate({ name: "Test authority", ca: true });
  const sign = (changes: object) =>
    makeCertificate({ name: "courses", hosts, issuer: authority.signer, ...changes });

  test("pass on a sound certificate, where its authority is trusted", async () => {
    const { cert, key } = sign({});
    const proxy = await startProxy(service, { tls: { cert, key } });
    const trusted = join(scratch.folder, "authority.pem");
    await writeFile(trusted, authority.cert);
    const { code, stdout } = await runCommand(scratch, {
      command: process.execPath,
      args: [seakeep, "check", "--url", proxy.url.href],
      cwd: scratch.folder,
      env: { METRICS_TOKEN: TOKEN, NODE_EXTRA_CA_CERTS: trusted },
    });
    proxy.close();
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^5 passed in \d+ ms$/m)]);
    expect(stdout).toMatch(/✓ passed {3}tls .* TLSv1\.3; certificate of "Test authority" for 8\dd more\./);
  });

  const old = { minVersion: "TLSv1", ciphers: "DEFAULT:@SECLEVEL=0" } as const;
  test.each([
    ["has expired", sign({ from: from(-30), until: from(-2) }), {}, /expired 2d ago/],
    ["expires in three days", sign({ until: from(3.5) }), {}, /expires in 3d/],
    [
      "is for another host",
      sign({ hosts: ["courses.example"] }),
      {},
      /is for "courses\.example", not for 127\.0\.0\.1/,
    ],
    ["signed itself", makeCertificate({ name: "courses", hosts }), {}, /is signed by itself/],
    ["is sound, and TLS 1.0 is still spoken", sign({}), old, /still speaks TLSv1/],
  ])("fail on one that %s", async (_what, { cert, key }, more, told) => {
    const proxy = await startProxy(service, { tls: { cert, key, ...more } });
    const { verdict, checks } = await runTls(proxy.url, authority.cert);
    proxy.close();
    expect([verdict, checks[0]!.reason]).toEqual(["failed", expect.stringMatching(told)]);
  });
});
