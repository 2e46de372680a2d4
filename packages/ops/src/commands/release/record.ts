import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { SeakeepError } from "@seakeep/contract";
import { readChain } from "../../backup/chain.ts";
import { serviceFolder } from "../../backup/layout.ts";
import type { Store } from "../../backup/stores/store.ts";
import type { Ops } from "../../config/ops.ts";
import { EXIT, type ExitCode } from "../../exit.ts";
import { actor } from "../../release/actor.ts";
import { parseEvidence } from "../../release/record/evidence.ts";
import { RECORDS } from "../../release/record/record.ts";
import { headOf } from "../../release/record/seal.ts";
import { type RecordsVerdict, verifyRecords } from "../../release/record/verify.ts";
import { type CommonVerbOptions, examples, type Invocation, type Verb } from "../../verb.ts";
import { readOps } from "../backup/where.ts";
import { table } from "../backup/words.ts";
import { account } from "./edges.ts";
import { collect, EXITS } from "./options.ts";
import { type Recorded, record as sealOne } from "./sealing.ts";
import { defineRecords, needRecords, type RecordsVerbOptions, readSigners } from "./where.ts";

interface RecordVerbOptions extends CommonVerbOptions, RecordsVerbOptions {
  readonly evidence?: readonly string[];
  readonly list?: boolean;
  readonly verify?: boolean;
  readonly publicKey?: readonly string[];
  readonly head?: string;
  readonly by?: string;
  readonly service?: string;
}

/** What a head looks like: a mistyped one must not read as a record that was tampered with. */
const HEAD = /^r\d{6,12}@[0-9a-f]{64}$/;

/** `seakeep release record`: what was decided, by whom, on which evidence. */
export const record: Verb<RecordVerbOptions> = {
  define(command) {
    command
      .option(
        "--evidence <file>",
        "seal what a verb printed under --json; may be repeated, in order",
        collect,
      )
      .option("--list", "what is recorded, oldest first")
      .option("--verify", "hold every record against the one before it, and its signature against the keys")
      .option(
        "--public-key <file>",
        "a key whose signatures count; may be repeated (default: release.signers)",
        collect,
      )
      .option("--head <record@hash>", "a record that you remember: nothing up to it may differ or be missing")
      .option("--by <name>", "who decided (default: the CI's user, else the account)")
      .option("--service <name>", "whose releases (default: the configuration's service)");
    defineRecords(command);
    command.addHelpText(
      "after",
      `${examples([
        [
          "seakeep release record --evidence check.json",
          "Seal a decision, signed when SEAKEEP_SIGNING_KEY is set.",
        ],
        ["seakeep release record --list", "What was shipped, and who let it."],
        [
          "seakeep release record --verify --public-key release.pub --head r000012@9f86d0...",
          "Nothing was changed, taken away or written by somebody else.",
        ],
      ])}
Exit codes: 0 recorded, or all as written; 1 something was changed; 2 wrong usage; 3 it cannot be told.
`,
    );
  },
  async run(options, invocation) {
    const modes = [options.evidence !== undefined, options.list === true, options.verify === true];
    if (modes.filter(Boolean).length !== 1) {
      throw new SeakeepError("SK-RELEASE-008", "Nothing or too much is asked for.");
    }
    if (options.head !== undefined && !HEAD.test(options.head)) {
      throw new SeakeepError(
        "SK-RELEASE-010",
        `${JSON.stringify(options.head.slice(0, 100))} names no record.`,
      );
    }
    const ops = await readOps(options, invocation);
    const service = options.service ?? ops?.service.name;
    if (service === undefined) {
      const fix = "Add --service NAME, or run it in the folder of seakeep.config.ts.";
      throw new SeakeepError("SK-RELEASE-004", "Nothing says whose releases are meant.", { fix });
    }
    const store = await needRecords(options, ops, invocation.cwd, options.evidence !== undefined);
    try {
      const run = { options, invocation, ops, service, store };
      if (options.list) return await list(run);
      return options.verify ? await verify(run) : await write(run);
    } finally {
      await store.close();
    }
  },
};

interface Run {
  readonly options: RecordVerbOptions;
  readonly invocation: Invocation;
  readonly ops: Ops | undefined;
  readonly service: string;
  readonly store: Store;
}

async function write({ options, invocation, ops, service, store }: Run): Promise<ExitCode> {
  const { cwd, environment, output } = invocation;
  const files = options.evidence ?? [];
  const read = async (file: string) => {
    const text = await readFile(resolve(cwd, file), "utf8").catch((cause: unknown) => {
      throw new SeakeepError("SK-RELEASE-005", `The file ${file} could not be read.`, { cause });
    });
    return parseEvidence(text, file, service);
  };
  // All are read before the first is sealed: a mistake in the second must not leave half of it.
  const evidence = await Promise.all(files.map(read));
  const by = actor(options.by, environment, account);
  const made: Recorded[] = [];
  for (const one of evidence)
    made.push(await sealOne(store, { service, evidence: one, by, ops }, invocation));
  output.result(made, () =>
    made.map(({ head, signedBy }) => `${head}  ${signedBy ?? "not signed"}`).join("\n"),
  );
  output.note(`next: seakeep release record --verify --head ${made.at(-1)?.head}`);
  return EXIT.passed;
}

async function list({ invocation, service, store }: Run): Promise<ExitCode> {
  const { output, signal } = invocation;
  const chain = await readChain(store, serviceFolder(service), RECORDS, signal);
  const records = chain.links.map((link) => {
    const { at, version = null, decision, by, evidence, signature } = link.document ?? {};
    return {
      ...{ name: link.name, head: headOf(link), at, version, decision },
      ...{
        kind: evidence?.kind,
        by,
        signedBy: signature?.key ?? null,
        readable: link.document !== undefined,
      },
    };
  });
  output.result({ store: store.url, records, problems: chain.problems }, () =>
    records.length === 0
      ? "Nothing is recorded."
      : table([
          ["record", "at", "version", "on", "decision", "by"],
          ...records.map(({ name, at, version, kind, decision, by }) => [
            ...[name, at ?? "-", version ?? "-", kind ?? "-", decision ?? "unreadable", by?.name ?? "-"],
          ]),
        ]),
  );
  for (const problem of chain.problems) output.note(`warning: the chain of records is broken: ${problem}`);
  return EXIT.passed;
}

async function verify({ options, invocation, ops, service, store }: Run): Promise<ExitCode> {
  const { output, signal } = invocation;
  const signers = await readSigners(options.publicKey ?? [], ops, invocation);
  const chain = await readChain(store, serviceFolder(service), RECORDS, signal);
  const verdict = verifyRecords(chain, { service, signers, head: options.head });
  output.result(verdict, () => verifyText(verdict));
  for (const note of verdict.notes) output.note(`note: ${note}`);
  return EXITS[verdict.verdict];
}

function verifyText({ verdict, reason, problems, head, signed, records }: RecordsVerdict): string {
  const shape = { passed: "✓", failed: "✗", unknown: "?" }[verdict];
  return [
    `${shape} ${reason}`,
    ...problems.map((problem) => `  ${problem}`),
    ...(head === null ? [] : [`  head: ${head}`, `  signed: ${signed} of ${records}`]),
  ].join("\n");
}
