import { type MetricNames, NAMES, type Route } from "@seakeep/contract";
import {
  ALL_METHODS,
  boundedMethod,
  boundedStatus,
  classOf,
  ERRORS_FROM_ZERO,
  isTemplate,
  SUCCESSES,
} from "./bounds.ts";
import { Cells, type Row } from "./cells.ts";
import { label } from "./format.ts";

const { unmatched, overflow } = NAMES.values;

/** Distinct statuses one endpoint tells apart; any further one is counted as the `x00` of its class. */
const STATUS_LIMIT = 16;

/** One method of one route. */
export interface Endpoint {
  readonly method: string;
  /** Its method and route as rendered labels. */
  readonly labels: string;
  /** Never removed, only appended to. */
  readonly rows: Row[];
}

interface Template {
  /** Few, so a scan beats a map. */
  readonly endpoints: Endpoint[];
  /** Methods that are always admitted. */
  readonly reserved: Set<string>;
}

/**
 * Which series exist. Every method, route and status that a client can cause is mapped to a bounded set:
 *
 * - a method outside RFC 9110 and RFC 5789 is `_OTHER`;
 * - a request that matched no route is `_unmatched`;
 * - a status outside 100 to 599 is 500, as RFC 9110 section 15 asks of a client that receives one;
 * - the 17th distinct status of an endpoint is the `x00` of its class (same section);
 * - an endpoint (method and route) beyond the limit is `_other`. It is admitted whole or not at all: one that kept its
 *   200s and lost its 500s would look healthy. Declared routes, `_unmatched` and `_other` do not count and are never
 *   refused.
 */
export class Series {
  readonly cells: Cells;
  /** In order of admission; only appended to, so a scrape may walk it while it grows. */
  readonly endpoints: Endpoint[] = [];
  readonly #labels: MetricNames["labels"];
  readonly #limit: number;
  readonly #templates = new Map<string, Template>();
  #undeclared = 0;
  #overflowed = 0;

  constructor(edges: readonly number[], labels: MetricNames["labels"], limit: number) {
    this.cells = new Cells(edges);
    this.#labels = labels;
    this.#limit = limit;
    this.#reserve(unmatched, ALL_METHODS);
    this.#reserve(overflow, ALL_METHODS);
    for (const method of ["GET", "POST"]) this.#admit(method, unmatched, [404]);
  }

  /** Requests that were counted under a coarser label than their own because of a limit. */
  get overflowed(): number {
    return this.#overflowed;
  }

  /** The row of a request. Three look-ups once the row exists. */
  find(method: string, template: string | undefined, status: number): Row {
    const entry = this.#templates.get(template ?? unmatched);
    const endpoint = entry === undefined ? undefined : endpointOf(entry, method);
    const row = endpoint === undefined ? undefined : rowOf(endpoint, status);
    return row ?? this.#create(method, template ?? unmatched, status);
  }

  /**
   * Reserves a route and shows it at zero. A route without a method is reserved for all and shown for GET; what serves
   * GET serves HEAD.
   */
  declare({ method: written, template }: Route): void {
    if (!isTemplate(template)) return;
    const method = written === undefined ? "GET" : boundedMethod(written);
    const narrow = method === "GET" ? ["GET", "HEAD"] : [method];
    const entry = this.#reserve(template, written === undefined ? ALL_METHODS : narrow);
    const statuses = SUCCESSES.get(method);
    if (statuses !== undefined && endpointOf(entry, method) === undefined) {
      this.#admit(method, template, statuses);
    }
  }

  #reserve(template: string, methods: readonly string[]): Template {
    const entry = this.#entry(template);
    for (const method of methods) {
      if (entry.reserved.has(method)) continue;
      entry.reserved.add(method);
      if (endpointOf(entry, method) !== undefined) this.#undeclared--;
    }
    return entry;
  }

  #entry(template: string): Template {
    let entry = this.#templates.get(template);
    if (entry === undefined) {
      entry = { endpoints: [], reserved: new Set() };
      this.#templates.set(interned(template), entry);
    }
    return entry;
  }

  #create(writtenMethod: string, template: string, writtenStatus: number): Row {
    const status = boundedStatus(writtenStatus);
    const endpoint = this.#endpoint(boundedMethod(writtenMethod), template);
    return rowOf(endpoint, status) ?? this.#append(endpoint, status);
  }

  #endpoint(method: string, template: string): Endpoint {
    const entry = this.#templates.get(template);
    const existing = entry === undefined ? undefined : endpointOf(entry, method);
    if (existing !== undefined) return existing;
    if (entry?.reserved.has(method)) return this.#admit(method, template);
    if (this.#undeclared < this.#limit && isTemplate(template)) {
      this.#undeclared++;
      return this.#admit(method, template);
    }
    this.#overflowed++;
    return endpointOf(this.#entry(overflow), method) ?? this.#admit(method, overflow);
  }

  #admit(method: string, template: string, statuses: readonly number[] = []): Endpoint {
    const labels = `${label(this.#labels.method, method)},${label(this.#labels.route, template)}`;
    const rows = statuses.map((status) => this.cells.row(status));
    const endpoint: Endpoint = { method, labels, rows };
    this.#entry(template).endpoints.push(endpoint);
    this.endpoints.push(endpoint);
    return endpoint;
  }

  #append(endpoint: Endpoint, status: number): Row {
    const full = endpoint.rows.length >= STATUS_LIMIT && !ERRORS_FROM_ZERO.includes(status);
    const kept = full ? classOf(status) : status;
    if (kept !== status) this.#overflowed++;
    const existing = rowOf(endpoint, kept);
    if (existing !== undefined) return existing;
    const row = this.cells.row(kept);
    endpoint.rows.push(row);
    return row;
  }
}

function endpointOf({ endpoints }: Template, method: string): Endpoint | undefined {
  for (let index = 0; index < endpoints.length; index++) {
    const endpoint = endpoints[index]!;
    if (endpoint.method === method) return endpoint;
  }
  return undefined;
}

function rowOf({ rows }: Endpoint, status: number): Row | undefined {
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index]!;
    if (row.status === status) return row;
  }
  return undefined;
}

/**
 * The engine's one copy of a string, found through a property key. A declared template is a slice of the text it was
 * read from, and as a map key a slice makes every look-up three times as slow.
 */
function interned(text: string): string {
  return Object.keys({ [text]: true })[0]!;
}
