import { SeakeepError } from "@seakeep/contract";
import { adviceDocument, adviceText } from "../../rollback/advice-text.ts";
import { examples, type Verb } from "../../verb.ts";
import { defineStatements } from "./statements.ts";
import { type AdviseVerbOptions, exitOf, gatherAdvice, openAround } from "./surroundings.ts";
import { runPlan } from "./walk.ts";

/** `seakeep rollback advise`: go back, go forward, or wait? And how, command by command. */
export const advise: Verb<AdviseVerbOptions> = {
  define(command) {
    defineStatements(command);
    command
      .option("--identity <file>", "private key for encrypted backups, passed on to what restores")
      .option(
        "--run",
        "walk the plan: each step is confirmed, checked, and noted; run it again to go on after a crash",
      )
      .option(
        "--confirm <fingerprint>",
        "of the plan: stands in for confirming each step, where there is no terminal",
      )
      .option("--accept-loss <text>", "stands in for typing what is lost; the message without it says which")
      .option("--abort", "with --run: end the run that is unfinished, and show its way back")
      .option(
        "--state <file>",
        "where a run notes its steps, from the folder of the configuration",
        ".seakeep/rollback.json",
      )
      .option("--by <name>", "who decides (default: the CI's user, else the account)")
      .addHelpText(
        "after",
        `${examples([
          ["seakeep rollback advise --since 2026-11-23T09:00:00Z --from v2 --to v1", "What to do about v2."],
          [
            "seakeep rollback advise --harmed --data-sound --since 14:05 --to v1",
            "You know how it is: say so.",
          ],
          ["seakeep rollback advise --since 14:05 --to v1 --run", "Walk the plan, step by step."],
          ["seakeep rollback advise --run", "Go on after a crash."],
          ["seakeep rollback advise --run --abort", "End it there, and see the way back."],
        ])}
Exit codes: 0 nothing to do (wait), or with --run all of it done; 1 something is to be done, or a step failed; 2 usage;
3 could not tell: it says which evidence is missing; 130 interrupted.
`,
      );
  },
  async run(options, invocation) {
    const around = await openAround(options, invocation);
    if (!options.run) {
      if (options.abort) throw new SeakeepError("SK-ROLLBACK-002", "--abort ends a run: it goes with --run.");
      const { advice } = await gatherAdvice(options, around).finally(() => around.close());
      const { output } = invocation;
      output.result(adviceDocument(advice), () => adviceText(advice, output.paint));
      if (advice.steps.length > 0)
        output.note(
          `next: the same with --run, which walks the plan (--confirm=${advice.fingerprint} without a terminal)`,
        );
      return exitOf(advice);
    }
    return runPlan(options, invocation, around);
  },
};
