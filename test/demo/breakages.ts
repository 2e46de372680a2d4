import type { Breakage } from "./steps.ts";

const heal: Pick<Breakage, "mend" | "mending"> = {
  mend: ({ api }) => api.setFaults({}),
  mending: "mended: the fault is taken away",
};

/** What the demo breaks, in this order. */
export const breakages: readonly Breakage[] = [
  {
    step: "errors",
    done: "half of all requests now answer 500",
    expected: "a page for errors",
    isExpected: ({ labels }) => labels.slo === "errors",
    inflict: ({ api }) => api.setFaults({ errors: 0.5 }),
    ...heal,
  },
  {
    step: "slow",
    done: "every request now takes 800 ms",
    expected: "a page for latency",
    isExpected: ({ labels }) => labels.slo?.startsWith("latency") === true,
    inflict: ({ api }) => api.setFaults({ slowMs: 800 }),
    ...heal,
  },
  {
    step: "down",
    done: "the process is killed with SIGKILL",
    expected: "a page that it is down",
    isExpected: ({ labels }) => labels.alertname === "TargetDown",
    inflict: ({ api }) => api.crash(),
    mend: ({ api }) => api.restart(),
    mending: "mended: the process is started again",
  },
];
