import type { Ops } from "../../config/ops.ts";
import { GATES } from "../../release/gates/index.ts";
import { type GeneratedFile, headerLines } from "../file.ts";
import type { Timing } from "../timing.ts";
import { code, escaped } from "./words.ts";

/** The release checklist: the gates of `seakeep release check`, for whoever ships and for who asks how that is decided. */
export function releaseChecklist(ops: Ops, timing: Timing): GeneratedFile[] {
  const { service } = ops;
  const parts = [
    `<!--\n${headerLines(service, timing).join("\n")}\n-->\n`,
    `# Releasing ${service.name}\n`,
    `Owner: **${escaped(service.owner)}** · Declaration: ${code(service.hash)}\n`,
    before(),
    checklist(ops),
    after(ops),
    record(ops),
  ];
  return [{ path: "docs/release.md", content: parts.join("\n") }];
}

function before(): string {
  return `## Before

\`\`\`sh
seakeep release check --version VERSION --record
\`\`\`

It asks every gate below. Exit code 0: ship. 1: a gate refused. 3: a gate could not tell, which is not a pass.

- \`--waive GATE="reason"\` passes a gate that **could not tell**. It does nothing for one that refused.
- \`--override GATE="reason"\` passes a gate that **refused**. The gate's name is asked for at a terminal; elsewhere add \`--confirm VERSION\`.

Both are recorded, with who asked for them.
`;
}

function checklist(ops: Ops): string {
  const items = GATES.map((gate) => {
    const waived = ops.release.waive[gate.name];
    const standing = waived === undefined ? "" : `\n  - Waived where it cannot tell: ${escaped(waived)}`;
    return `- [ ] **${gate.title}** (${code(gate.name)})
  - Looks at: ${gate.looksAt(ops)}
  - If it refuses: ${gate.mend}
  - By hand: ${code(gate.command)}${standing}
`;
  });
  return `## The checklist\n\n${items.join("\n")}`;
}

function after({ signals }: Ops): string {
  const nothing =
    signals === undefined
      ? "\nNo `signals` are configured, so that nothing can be compared: `release verify` cannot tell.\n"
      : "";
  return `## After

\`\`\`sh
seakeep release verify --version VERSION --since TIME_OF_DEPLOY
\`\`\`

It checks that the new version is what answers and that it is healthy, waits until there was enough traffic, and compares it with the version before. Exit code 0: keep it. 1: it is worse, or not healthy. 3: it could not tell.
${nothing}
If it is worse: \`seakeep rollback advise\` says what to do.
`;
}

function record({ release, backup }: Ops): string {
  const store = release.record ?? backup?.store;
  const where =
    store === undefined ? "in the folder that `--dir` names" : `in ${code(store.url)}, below \`releases/\``;
  const keys =
    release.signers.length === 0
      ? "No key is declared whose signatures count, so that only a remembered head shows that nothing was written anew."
      : `Signatures of ${release.signers.length} declared ${release.signers.length === 1 ? "key" : "keys"} count.`;
  return `## The record

Every decision is kept ${where}: numbered, with the hash of the one before, signed when \`SEAKEEP_SIGNING_KEY\` is set. ${keys}

\`\`\`sh
seakeep release record --list      # what was shipped, and who let it
seakeep release record --verify    # nothing was changed, taken away or added by somebody else
\`\`\`
`;
}
