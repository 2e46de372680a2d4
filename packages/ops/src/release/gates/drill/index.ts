import { inWords } from "../../../generate/docs/words.ts";
import { failed, type Gate, passed, unknown } from "../gate.ts";

/** As the alert `DrillOverdue`: a scheduled drill takes its time, and comes a little later than the last. */
const GRACE = 1.25;

/** Restoring has been rehearsed lately, and went well. */
export const drill: Gate = {
  name: "drill",
  title: "The last restore drill passed and is not overdue",
  looksAt: ({ drill: { every } }) =>
    `The drill reports in the store: the newest passed, ${every === undefined ? "is no older than `drill.every`, which must be declared" : `began no longer than ${inWords(every)} and a quarter ago`}, and the chain of reports is whole.`,
  mend: "Run `seakeep drill`. A broken chain does not mend itself: find out who changed the store.",
  command: "seakeep drill",
  async run({ ops, facts, signal }) {
    const [chain, stored] = await Promise.all([facts.drills(signal), facts.backups(signal)]);
    if (chain === undefined || stored === undefined) {
      return unknown("The configuration says nothing of backups.", "Declare `backup: { store: ... }`.");
    }
    const { newest: report, problems, last } = chain;
    if (report === undefined) {
      return last === 0
        ? failed("No drill was ever run.", "Run `seakeep drill`.", { reports: 0 })
        : failed("No drill report can be read.", "Run `seakeep drill`, and find out who changed the store.", {
            ...{ reports: last, problems },
          });
    }
    const age = Math.max(0, stored.now.getTime() - Date.parse(report.startedAt));
    const { every } = ops.drill;
    const { number, id, startedAt, passed: held, validated, expectations, rto, rpo } = report;
    const evidence = {
      report: { ...{ number, id, startedAt, passed: held, validated, expectations, rto, rpo } },
      ...{ problems, ageSeconds: Math.round(age / 1000) },
      ...(every !== undefined && { everySeconds: every / 1000 }),
    };
    if (!held) {
      return failed(
        `Drill ${number} of ${inWords(age)} ago did not pass.`,
        "Read its report in the store, mend the cause, and run `seakeep drill`.",
        evidence,
      );
    }
    if (problems.length > 0) {
      return failed(
        `The chain of drill reports is broken: ${problems[0]}.`,
        "Find out who changed the store; until then, override this gate with the reason.",
        evidence,
      );
    }
    if (every === undefined) {
      return unknown(
        `The last drill passed ${inWords(age)} ago, and nothing says how often one is due.`,
        'Declare it: `drill: { every: "7d" }`.',
        evidence,
      );
    }
    if (age > every * GRACE) {
      return failed(
        `The last drill was ${inWords(age)} ago, and one is due every ${inWords(every)}.`,
        "Run `seakeep drill`.",
        evidence,
      );
    }
    return passed(`Drill ${number} passed ${inWords(age)} ago.`, evidence);
  },
};
