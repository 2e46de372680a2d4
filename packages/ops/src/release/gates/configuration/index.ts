import type { NamedValue } from "../../../config/ops.ts";
import type { Facts } from "../facts.ts";
import { failed, type Gate, passed } from "../gate.ts";

type State = "set" | "default" | "missing" | "not judged here";

/** What the configuration names is there to be read. */
export const configuration: Gate = {
  name: "configuration",
  title: "The required configuration is present",
  looksAt: ({ names }) => {
    const needed = names.filter(({ reader }) => reader === "command").map(({ name }) => `\`${name}\``);
    return needed.length === 0
      ? "The configuration names no variable and no secret that the command reads."
      : `Every variable and secret that the command reads by the configuration: ${[...new Set(needed)].join(", ")}.`;
  },
  mend: "Set the variable, or the one of its name with `_FILE` behind it to the path of a file that holds the secret.",
  command: "seakeep release check",
  async run({ ops, facts }) {
    const seen: (Pick<NamedValue, "kind" | "name" | "path" | "reader"> & { state: State })[] = [];
    for (const named of ops.names) {
      const { kind, name, path, reader } = named;
      seen.push({ kind, name, path, reader, state: await stateOf(named, facts) });
    }
    const missing = seen
      .filter(({ state }) => state === "missing")
      .map(({ name, path }) => `${name} (${path})`);
    const evidence = { names: seen };
    if (missing.length > 0) {
      return failed(
        `${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} not set.`,
        "Set each, or <name>_FILE to the path of a file that holds it.",
        evidence,
      );
    }
    const judged = seen.filter(({ state }) => state !== "not judged here").length;
    return passed(
      `The configuration is valid, and ${judged === 0 ? "names nothing that must be set" : `all ${judged} variables and secrets that it names can be read`}.`,
      evidence,
    );
  },
};

async function stateOf({ kind, name, reader, set }: NamedValue, facts: Facts): Promise<State> {
  // What another machine reads, only that machine can tell.
  if (reader !== "command") return "not judged here";
  if (kind === "env") return set ? "set" : "default";
  return (await facts.has({ kind, name })) ? "set" : "missing";
}
