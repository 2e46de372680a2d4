import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type Delivery,
  instantQuery,
  type Stack,
  startStack,
  startTraffic,
  type Traffic,
  until,
} from "../stack/index.ts";

// One service and one story, in order: it is quiet, it fails, it recovers, it dies.
let stack: Stack;
let traffic: Traffic;

beforeAll(async () => {
  stack = await startStack({ scale: "1/60" });
  traffic = startTraffic({ url: stack.api.url, paths: await stack.api.paths(), rate: 20, limit: 300_000 });
});

afterAll(async () => {
  traffic?.stop();
  await stack?.close();
});

const pages = () => stack.webhook.deliveries.filter(({ route }) => route === "page");
const isPageAfter = (moment: number) => (delivery: Delivery) =>
  delivery.route === "page" && delivery.status === "firing" && delivery.at > moment;

test("a quiet service pages nobody, and is seen to be watched", async () => {
  await until(
    "the error ratio of every SLO over the longest page window",
    async () =>
      (await instantQuery(stack.prometheus, 'slo:sli_error:ratio_rate6m{service="courses-api"}')).length >= 4,
    { within: 60_000, every: 500 },
  );
  const from = traffic.count();
  await until("300 more requests", () => traffic.count().sent >= from.sent + 300, { within: 30_000 });
  const { ok, sent, ...others } = traffic.count();
  expect(others).toEqual({ serverErrors: 0, other: 0, unanswered: 0 });
  expect(ok).toBeGreaterThan(sent * 0.9);
  expect(await instantQuery(stack.prometheus, 'ALERTS{severity="page"}')).toEqual([]);
  expect(pages()).toEqual([]);
});

test("a fault becomes a page, told in words a person can act on", async () => {
  const broken = performance.now();
  await stack.api.setFaults({ errors: 0.5 });
  const page = await stack.webhook.waitFor("a page", isPageAfter(broken), 60_000);
  expect(page.labels).toMatchObject({ service: "courses-api", slo: "errors", severity: "page" });
  expect(page.annotations.summary).toMatch(/^courses-api: \d+(\.\d+)?% of /);
  expect(page.annotations.description).toMatch(/error budget/);
});

test("the page is resolved once the service is healthy", async () => {
  await stack.api.setFaults({});
  await until("no page firing", () => stack.webhook.firingPages().length === 0, { within: 90_000 });
});

test("a process that is gone pages, although it reports no error", async () => {
  const gone = performance.now();
  await stack.api.crash();
  const isTargetDown = ({ labels }: Delivery) => labels.alertname === "TargetDown";
  const match = (delivery: Delivery) => isPageAfter(gone)(delivery) && isTargetDown(delivery);
  const page = await stack.webhook.waitFor("a page", match, 60_000);
  expect(page.annotations.summary).toContain("courses-api is down");
});
