import { failed, type Gate, passed, unknown } from "../gate.ts";

/** Paths that are named; the rest are counted. */
const MOST = 5;

/** What is released is a commit that everybody can look up, and nothing besides. */
export const tree: Gate = {
  name: "tree",
  title: "The working tree is clean and its version known",
  looksAt: () =>
    "git: no file is changed or untracked, and the version is a tag or the commit itself. A version that is a tag must be " +
    "the tag of this very commit.",
  mend: "Commit or remove what is left lying about, and check out the commit that is released.",
  command: "git status --short && git describe --tags --always",
  async run({ facts, version, signal }) {
    const found = await facts.tree(version, signal);
    if (found === undefined) {
      return unknown(
        "There is no git repository here, so that nobody can tell what would be released.",
        "Run it in the clone that the release is made of.",
      );
    }
    const { commit, tags, changed, versionCommit } = found;
    const named = version ?? tags[0] ?? commit.slice(0, 12);
    const evidence = {
      commit,
      tags,
      version: named,
      changed: changed.slice(0, 20),
      changedCount: changed.length,
    };
    if (changed.length > 0) {
      const more = changed.length > MOST ? ` and ${changed.length - MOST} more` : "";
      return failed(
        `${changed.length} ${changed.length === 1 ? "path differs" : "paths differ"} from commit ${commit.slice(0, 12)}: ${changed.slice(0, MOST).join(", ")}${more}.`,
        "Commit them, or remove what is not to be released.",
        evidence,
      );
    }
    if (versionCommit !== undefined && versionCommit !== commit) {
      return failed(
        `${named} is commit ${versionCommit.slice(0, 12)}, and ${commit.slice(0, 12)} is checked out.`,
        `Check out ${named}, or name the version that this commit is.`,
        { ...evidence, versionCommit },
      );
    }
    return passed(`${named} is commit ${commit.slice(0, 12)}, and nothing differs from it.`, evidence);
  },
};
