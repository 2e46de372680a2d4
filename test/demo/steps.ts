import type { Delivery, Stack, Traffic, TrafficCount } from "../stack/index.ts";
import { until } from "../stack/index.ts";
import type { Narrator } from "./narrator.ts";

/** What the steps work with. */
export interface Scene {
  readonly stack: Stack;
  readonly traffic: Traffic;
  readonly narrator: Narrator;
}

/** One row of the table at the end. */
export interface Outcome {
  readonly step: string;
  readonly done: string;
  readonly expected: string;
  readonly seen: string;
  readonly passed: boolean;
  readonly seconds: number;
}

/** A way in which a service breaks, and the page that must follow. */
export interface Breakage {
  readonly step: string;
  /** What is done to the service, in plain words. */
  readonly done: string;
  readonly expected: string;
  readonly isExpected: (page: Delivery) => boolean;
  readonly inflict: (stack: Stack) => Promise<void>;
  readonly mend: (stack: Stack) => Promise<void>;
  readonly mending: string;
}

/** Longest wait for a page or for its end, milliseconds; both take well under half of it. */
const patience = 90_000;

/** Runs `seakeep check` against the running service and shows what it prints. */
export async function checkStep({ stack, narrator }: Scene): Promise<Outcome> {
  narrator.mark();
  const { code, stdout, stderr } = await stack.seakeep("check");
  narrator.quote(stdout + stderr);
  return {
    step: "check",
    done: "seakeep check, as after a deploy",
    expected: "every check passes",
    seen: code === 0 ? "every check passed" : `exit code ${code}`,
    passed: code === 0,
    seconds: narrator.elapsed(),
  };
}

/** Watches the healthy service for a while: nobody may be woken up. */
export async function quietStep({ stack, traffic, narrator }: Scene, seconds: number): Promise<Outcome> {
  narrator.mark();
  const before = traffic.count();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const after = traffic.count();
  const requests = after.sent - before.sent;
  const failed = failures(after) - failures(before);
  const pages = stack.webhook.deliveries.filter(isFiringPage).length;
  const seen = `${count(failed, "failure")}, ${count(pages, "page")}`;
  narrator.at(`${count(requests, "request")}, ${seen}`);
  return {
    step: "quiet",
    done: `healthy traffic, ${count(requests, "request")}`,
    expected: "no failures, no pages",
    seen,
    passed: pages === 0 && failed === 0 && requests > 0,
    seconds: narrator.elapsed(),
  };
}

/** Breaks the service, waits for the page, mends it and waits until nobody is paged any more. */
export async function breakStep({ stack, narrator }: Scene, breakage: Breakage): Promise<Outcome> {
  const { webhook } = stack;
  const from = performance.now();
  narrator.mark();
  narrator.at(breakage.done);
  await breakage.inflict(stack);
  const isAwaited = (delivery: Delivery) =>
    delivery.at > from && isFiringPage(delivery) && breakage.isExpected(delivery);
  const page = await webhook.waitFor("the page", isAwaited, patience).catch(() => undefined);
  narrator.at(breakage.mending);
  await breakage.mend(stack);
  const nobodyPaged = () => webhook.firingPages().length === 0;
  const over = await until("no page firing", nobodyPaged, { within: patience }).catch(() => false);
  narrator.at(over ? "nobody is paged any more" : narrator.bad("still paging"));
  const paged = page ? `page after ${((page.at - from) / 1000).toFixed(1)} s` : "no page";
  return {
    step: breakage.step,
    done: breakage.done,
    expected: breakage.expected,
    seen: `${paged}, ${over ? "resolved" : "never resolved"}`,
    passed: page !== undefined && over,
    seconds: narrator.elapsed(),
  };
}

function isFiringPage({ route, status }: Delivery): boolean {
  return route === "page" && status === "firing";
}

function failures({ serverErrors, other, unanswered }: TrafficCount): number {
  return serverErrors + other + unanswered;
}

function count(n: number, noun: string): string {
  return `${n || "no"} ${noun}${n === 1 ? "" : "s"}`;
}
