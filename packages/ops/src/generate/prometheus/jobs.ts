import { NAMES, type Service } from "@seakeep/contract";

/** The Prometheus job that requests the service from outside. The service's own job has its name. */
export function probeJobName({ name }: Service): string {
  return `${name}${NAMES.jobs.probeSuffix}`;
}

/** Every path that the black-box probe requests, each once. */
export function probePaths({ slos }: Service): string[] {
  return [...new Set(slos.flatMap(({ probe }) => (probe === undefined ? [] : [probe])))];
}
