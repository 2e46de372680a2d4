import { yamlFile } from "../../generate/file.ts";
import type { Format } from "./format.ts";
import { cronFields } from "./interval.ts";
import type { Job } from "./plan.ts";

/** Longest name of a CronJob, which its jobs and pods lengthen. */
const LONGEST = 52;
/** Any user that is not root; images of Node have one of this number. */
const USER = 1000;

/** A CronJob for each job. */
export const kubernetes: Format = (plan, { image }, header) =>
  plan.jobs.map((job) => {
    const object = `${plan.service.slice(0, LONGEST - job.name.length - 1).replace(/-+$/, "")}-${job.name}`;
    const secret = `${plan.service.slice(0, 200)}-backup`;
    const notes = [
      job.says,
      `The image has Node, seakeep with seakeep.config.ts in its working folder, and the ${job.needs} programs of Postgres.`,
      `The Secret ${secret} has ${job.secrets.join(", ") || "nothing that must be there"}; an account with a role needs no AWS_ ones.`,
    ];
    return yamlFile(
      `${object}.yml`,
      [...header, ...notes],
      cronJob(plan.service, object, secret, job, image),
    );
  });

function cronJob(
  service: string,
  name: string,
  secret: string,
  { runs, interval, offset }: Job,
  image: string | undefined,
): unknown {
  const labels = {
    "app.kubernetes.io/name": name,
    "app.kubernetes.io/part-of": service,
    "app.kubernetes.io/managed-by": "seakeep",
  };
  return {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name, labels },
    spec: {
      schedule: cronFields(interval, offset),
      timeZone: "Etc/UTC",
      concurrencyPolicy: "Forbid",
      startingDeadlineSeconds: 3600,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 3,
      jobTemplate: {
        spec: {
          backoffLimit: 1,
          template: {
            metadata: { labels },
            spec: {
              restartPolicy: "Never",
              securityContext: {
                ...{ runAsNonRoot: true, runAsUser: USER, runAsGroup: USER, fsGroup: USER },
                seccompProfile: { type: "RuntimeDefault" },
              },
              containers: [
                {
                  name: "seakeep",
                  image,
                  command: ["/bin/sh", "-c"],
                  args: [runs.map((run) => `npx --no-install seakeep ${run.join(" ")}`).join(" && ")],
                  env: [{ name: "HOME", value: "/tmp" }],
                  envFrom: [{ secretRef: { name: secret } }],
                  resources: { requests: { cpu: "250m", memory: "256Mi" } },
                  securityContext: {
                    allowPrivilegeEscalation: false,
                    readOnlyRootFilesystem: true,
                    capabilities: { drop: ["ALL"] },
                  },
                  volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
                },
              ],
              volumes: [{ name: "tmp", emptyDir: {} }],
            },
          },
        },
      },
    },
  };
}
