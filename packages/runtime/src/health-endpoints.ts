import type { IncomingMessage, ServerResponse } from "node:http";
import { NAMES } from "@seakeep/contract";
import type { CheckResult, Health } from "./health.ts";

/** Answers one of Seakeep's own endpoints. Never rejects. */
export type Endpoint = (req: IncomingMessage, res: ServerResponse) => Promise<void> | void;

/** The process is up: that it answers is the answer. Restarting does not mend a database, so no check runs here. */
export function live(req: IncomingMessage, res: ServerResponse): void {
  answer(req, res, 200, { status: "up" });
}

/** Traffic is welcome: every check is up and the service is not draining. `?verbose` and `?exclude=name` as below. */
export function ready(health: Health, draining: () => boolean): Endpoint {
  return async (req, res) => {
    if (draining()) return answer(req, res, 503, { status: "draining" });
    const { verbose, names } = asked(req, health);
    const results = await health.results(names);
    const body = verbose ? { checks: detailed(results) } : {};
    answerStatus(req, res, results, body);
  };
}

/**
 * The version that is running, where it is known, and every check by name and status; `?verbose` adds how long each took, `?exclude=name` leaves one out. Neither says
 * why a check is down: the log does.
 *
 * Shape of the parameters: https://kubernetes.io/docs/reference/using-api/health-checks/
 */
export function healthOf(health: Health, release: string | undefined): Endpoint {
  const version = release === undefined ? {} : { [NAMES.health.version]: release };
  return async (req, res) => {
    const { verbose, names } = asked(req, health);
    const results = await health.results(names);
    answerStatus(req, res, results, { ...version, checks: verbose ? detailed(results) : brief(results) });
  };
}

/** One check by itself: `/healthz/database`. */
export function oneCheck(health: Health, name: string): Endpoint {
  return async (req, res) => {
    const results = await health.results([name]);
    answerStatus(req, res, results, {});
  };
}

export function noSuchCheck(req: IncomingMessage, res: ServerResponse): void {
  answer(req, res, 404, { status: "unknown" });
}

function asked(req: IncomingMessage, health: Health): { verbose: boolean; names: readonly string[] } {
  const url = req.url ?? "";
  const query = url.indexOf("?");
  if (query === -1) return { verbose: false, names: health.names };
  const parameters = new URLSearchParams(url.slice(query + 1));
  const excluded = new Set(parameters.getAll("exclude"));
  return {
    verbose: parameters.has("verbose"),
    names: health.names.filter((name) => !excluded.has(name)),
  };
}

type Results = ReadonlyMap<string, CheckResult>;

function word({ up }: CheckResult): "up" | "down" {
  return up ? "up" : "down";
}

function brief(results: Results): object {
  return Object.fromEntries([...results].map(([name, result]) => [name, word(result)]));
}

function detailed(results: Results): object {
  const details = (result: CheckResult) => ({ status: word(result), duration_ms: Math.round(result.took) });
  return Object.fromEntries([...results].map(([name, result]) => [name, details(result)]));
}

function answerStatus(req: IncomingMessage, res: ServerResponse, results: Results, body: object): void {
  const up = [...results.values()].every((result) => result.up);
  answer(req, res, up ? 200 : 503, { status: up ? "up" : "down", ...body });
}

/** Machines read the status code; the body is for people. */
function answer(req: IncomingMessage, res: ServerResponse, status: number, body: object): void {
  const text = `${JSON.stringify(body)}\n`;
  res.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
  });
  res.end(req.method === "HEAD" ? undefined : text);
}
