import { yamlFile } from "../../generate/file.ts";
import type { Format } from "./format.ts";
import { cronFields } from "./interval.ts";
import type { Job } from "./plan.ts";

/** Its programs dump every server that is supported. */
const NEWEST = 18;

/** A workflow for each job, for `.github/workflows`. */
export const github: Format = (plan, { folder }, header) =>
  plan.jobs.map((job) => {
    const notes = [
      job.says,
      ...(job.secrets.length > 0 ? [`Secrets of the repository: ${job.secrets.join(", ")}.`] : []),
      "GitHub starts scheduled workflows late, and drops some: BackupTooOld tells when it dropped too many.",
    ];
    return yamlFile(
      `${plan.service}-${job.name}.yml`,
      [...header, ...notes],
      workflow(plan.service, job, folder),
    );
  });

function workflow(
  service: string,
  { name, interval, offset, runs, needs, secrets }: Job,
  folder: string,
): unknown {
  const program = needs === "client" ? `postgresql-client-${NEWEST}` : `postgresql-${NEWEST}`;
  return {
    name: `seakeep ${name} of ${service}`,
    on: { schedule: [{ cron: cronFields(interval, offset) }], workflow_dispatch: {} },
    permissions: { contents: "read" },
    concurrency: { group: `seakeep-${service}-${name}` },
    jobs: {
      [name]: {
        "runs-on": "ubuntu-latest",
        defaults: { run: { "working-directory": folder } },
        steps: [
          { uses: "actions/checkout@v4" },
          { uses: "actions/setup-node@v4", with: { "node-version": 22 } },
          { run: "npm ci" },
          {
            name: "Install Postgres and zstd",
            run: [
              "sudo apt-get update",
              "sudo apt-get install -y --no-install-recommends postgresql-common zstd",
              "sudo /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y",
              `sudo apt-get install -y --no-install-recommends ${program}`,
              "",
            ].join("\n"),
          },
          ...runs.map((run) => ({
            run: `npx --no-install seakeep ${run.join(" ")}`,
            // Only the steps that need them see them: what npm ci runs does not.
            ...(secrets.length > 0 && {
              env: Object.fromEntries(secrets.map((secret) => [secret, `\${{ secrets.${secret} }}`])),
            }),
          })),
        ],
      },
    },
  };
}
