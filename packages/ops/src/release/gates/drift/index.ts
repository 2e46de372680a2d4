import { failed, type Gate, passed, unknown } from "../gate.ts";

/** What watches the service is what its declaration asks for. */
export const drift: Gate = {
  name: "drift",
  title: "The generated files are as the declaration asks",
  looksAt: () =>
    "The folder of generated files: each is byte for byte what `seakeep generate` would write now, and none is left over.",
  mend: "Run `seakeep generate`, look at the difference, and commit it.",
  command: "seakeep generate --check",
  async run({ facts }) {
    const compared = await facts.generated();
    const states = compared.map(({ path, state }) => ({ path, state }));
    if (states.length === 0) {
      return unknown("Nothing is generated for this declaration.", "Declare at least one SLO.", {
        files: [],
      });
    }
    const drifted = states.filter(({ state }) => state !== "same");
    if (drifted.length === 0) {
      return passed(`${states.length} generated files are as declared.`, { files: states });
    }
    return failed(
      `${drifted.length} of ${states.length} generated files are not as declared: ${drifted.map(({ path, state }) => `${path} (${state})`).join(", ")}.`,
      "Run `seakeep generate` and commit what it writes.",
      { files: states },
    );
  },
};
