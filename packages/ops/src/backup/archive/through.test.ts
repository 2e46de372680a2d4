import { expect, it } from "vitest";
import { collect, noise, streamOf } from "../../../test/backup/fake-engine.ts";
import { throughProgram } from "./through.ts";

const shell = (script: string) =>
  collect(throughProgram("/bin/sh", ["-c", script], streamOf(noise(5000)), undefined));

it("tells that a program was killed, though all that it wrote is there", async () => {
  await expect(shell("cat; kill -9 $$")).rejects.toMatchObject({
    code: "SK-BACKUP-015",
    what: "/bin/sh ended with SIGKILL.",
  });
});

it("quotes what a program that failed had to say", async () => {
  await expect(shell("cat >/dev/null; echo no memory >&2; exit 1")).rejects.toMatchObject({
    code: "SK-BACKUP-015",
    what: "/bin/sh ended with 1: no memory",
  });
});
