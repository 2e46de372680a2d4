import { NAMES } from "@seakeep/contract";
import type { Ops } from "../../../config/ops.ts";
import { probeJobName, probePaths } from "../../../generate/prometheus/jobs.ts";
import type { ScrapedSample, TargetIdentity } from "../samples.ts";
import { readExposition } from "./exposition.ts";
import { type Fetched, type RequestOptions, request } from "./request.ts";

/** Something to scrape. */
export interface Target {
  readonly identity: TargetIdentity;
  readonly url: URL;
  /** True for the metrics, which ask for a token; a probe comes as a stranger. */
  readonly withToken: boolean;
  /** The samples of an answer, or why it has none. */
  readonly read: (answer: Fetched) => readonly ScrapedSample[] | string;
  /** Samples of a scrape that brought nothing. */
  readonly nothing: readonly ScrapedSample[];
}

/** What one scrape brought. */
export interface Scraped {
  readonly samples: readonly ScrapedSample[];
  /** Why it brought nothing. */
  readonly problem?: string;
}

/** The instances and the probes of a configuration: what the generated Prometheus configuration has. */
export function targetsOf({ service, url, metrics, prometheus }: Ops): Target[] {
  const { protocol } = new URL(url);
  const instances = prometheus.targets.map((instance): Target => {
    const identity = { job: service.name, instance };
    return {
      identity,
      url: new URL(metrics.path, `${protocol}//${instance}`),
      withToken: true,
      nothing: [],
      read: ({ status, mediaType, text }) => {
        if (status !== 200) return `it answered ${status}`;
        if (/html/.test(mediaType)) return "it answered with a web page";
        return readExposition(text, identity);
      },
    };
  });
  const probes = probePaths(service).map((path): Target => {
    const target = `${url}${path}`;
    const success = (value: number) => [{ metric: NAMES.metrics.probeSuccess, labels: {}, value }];
    return {
      identity: {
        job: probeJobName(service),
        instance: target,
        labels: { [NAMES.labels.probe]: path },
      },
      url: new URL(target),
      withToken: false,
      nothing: success(0),
      // 200 and nothing else, as the generated probe judges it.
      read: ({ status }) => (status === 200 ? success(1) : `it answered ${status}`),
    };
  });
  return [...instances, ...probes];
}

/** Scrapes a target once. Whatever happens leaves a sample of `up`. */
export async function scrape(
  target: Target,
  options: RequestOptions & { now: () => number },
): Promise<Scraped> {
  const started = options.now();
  const { token, ...anonymous } = options;
  const answer = await request(target.url, target.withToken ? { ...anonymous, token } : anonymous);
  const took = (options.now() - started) / 1000;
  const read = typeof answer === "string" ? answer : target.read(answer);
  const problem = typeof read === "string" ? read : undefined;
  const samples = typeof read === "string" ? target.nothing : read;
  // The exporter of a probe answers also when the probe fails.
  const up = problem === undefined || target.nothing.length > 0 ? 1 : 0;
  const own = (metric: string, value: number) => ({ metric, labels: {}, value });
  return {
    samples: [...samples, own("up", up), own("scrape_duration_seconds", took)],
    ...(problem === undefined ? {} : { problem }),
  };
}
