import { comment, environmentFile, type Format, shellWord } from "./format.ts";
import { cronFields } from "./interval.ts";

/** Lines for the crontab of a user. */
export const cron: Format = (plan, { folder, user }, header) => {
  const variables = environmentFile(plan);
  const secrets = [...new Set(plan.jobs.flatMap((job) => job.secrets))];
  const lines = plan.jobs.map(({ says, interval, offset, runs }) => {
    const steps = [
      `cd ${shellWord(folder)}`,
      `set -a && . ${shellWord(variables)} && set +a`,
      ...runs.map((run) => `npx --no-install seakeep ${run.join(" ")}`),
    ];
    // A percent sign ends the command in a crontab.
    return `# ${says}\n${cronFields(interval, offset)} ${steps.join(" && ").replaceAll("%", "\\%")}\n`;
  });
  const notes = [
    `To add to the crontab of ${user}: crontab -u ${user} -e`,
    `${variables}, mode 0600, owned by ${user}, sets ${secrets.join(", ")}: NAME='value', one a line.`,
  ];
  return [{ path: `${plan.service}.cron`, content: comment([...header, ...notes]) + lines.join("") }];
};
