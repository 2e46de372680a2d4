import { resolve } from "node:path";
import { SeakeepError } from "@seakeep/contract";
import { makeKeyPair, writePrivateKey } from "../../backup/archive/seal/keypair.ts";
import { EXIT } from "../../exit.ts";
import { type CommonVerbOptions, examples, type Verb } from "../../verb.ts";

interface KeygenVerbOptions extends CommonVerbOptions {
  readonly out: string;
}

/** `seakeep backup keygen`: the key pair that backups are encrypted to. The private half is never printed. */
export const keygen: Verb<KeygenVerbOptions> = {
  define(command) {
    command
      .option("--out <file>", "where the private key goes; it must not exist", "seakeep-identity.pem")
      .addHelpText(
        "after",
        examples([
          [
            "seakeep backup keygen",
            "The private key to ./seakeep-identity.pem, the public one to the screen.",
          ],
          ["seakeep backup keygen --out /media/safe/courses.pem", "Straight to where it is kept."],
          ["seakeep backup keygen --json | jq -r .recipient", "The public key alone, for a script."],
        ]),
      );
  },
  async run({ out }, { cwd, output }) {
    if (out === "-") {
      throw new SeakeepError("SK-BACKUP-007", "The private key goes to a file and is never printed.", {
        fix: "Name a file, on a memory disk such as /dev/shm if it must not touch a real one.",
      });
    }
    const file = resolve(cwd, out);
    const pair = makeKeyPair();
    await writePrivateKey(file, pair);
    const { recipient, fingerprint } = pair;
    output.result({ recipient, fingerprint, file }, () =>
      [
        `private  ${file}, which only you can read`,
        `public   ${recipient} (${fingerprint})`,
        "",
        `  backup: { recipients: ["${recipient}"] }    in seakeep.config.ts`,
      ].join("\n"),
    );
    output.note(
      "Keep the private key in two safe places, and on no machine that backs up: without it nobody can restore.",
    );
    output.note(`next: seakeep backup create --recipient ${recipient}`);
    return EXIT.passed;
  },
};
