import { type Fact, shown } from "./facts.ts";

/** A difference between two schemas that a statement written for the first can notice. */
export interface VisibleChange {
  /**
   * - `gone`: what a statement may name is no longer there, dropped or renamed.
   * - `changed`: it is there, and defined otherwise.
   * - `restricts`: something new that can refuse or alter what was written to what was there.
   * - `ambiguous`: something new that has a name which statements may already use without saying whose.
   */
  readonly kind: "gone" | "changed" | "restricts" | "ambiguous";
  /** A sentence without its full stop. */
  readonly what: string;
}

/** New ones of these concern whoever uses the relation. */
const RESTRICTIVE: ReadonlySet<string> = new Set(["constraint", "unique index", "trigger", "rule", "policy"]);
/** New ones of these concern nobody who does not name them. */
const HARMLESS: ReadonlySet<string> = new Set(["schema", "extension", "enum label", "type", "domain"]);
const RELATIONS: ReadonlySet<string> = new Set([
  "table",
  "view",
  "materialized view",
  "foreign table",
  "sequence",
]);

/**
 * What statements written for a schema can notice of another; none: every one of them does the same as before, whatever
 * it is. Errs on the side of a change.
 */
export function visibleChanges(before: readonly Fact[], after: readonly Fact[]): readonly VisibleChange[] {
  const there = new Map(after.map((fact) => [key(fact), fact]));
  const changes: VisibleChange[] = [];
  for (const fact of before) {
    const now = there.get(key(fact));
    there.delete(key(fact));
    if (now === undefined) changes.push({ kind: "gone", what: `${told(fact)} is gone` });
    else if (now.definition !== fact.definition) {
      changes.push({ kind: "changed", what: `${told(fact)} is defined otherwise` });
    }
  }
  const old = new Old(before);
  return [...changes, ...[...there.values()].flatMap((fact) => judgeNew(fact, old) ?? [])];
}

class Old {
  readonly #relations: ReadonlySet<string | null>;
  readonly #names: ReadonlySet<string>;
  constructor(facts: readonly Fact[]) {
    this.#relations = new Set(facts.filter(({ kind }) => kind !== "column").map(({ on }) => on));
    this.#names = new Set(facts.map(bareKey));
  }
  has(relation: string | null): boolean {
    return relation !== null && this.#relations.has(relation);
  }
  usesName(fact: Fact): boolean {
    return this.#names.has(bareKey(fact));
  }
}

function judgeNew(fact: Fact, old: Old): VisibleChange | undefined {
  const { kind, on, refers, optional } = fact;
  const restricts = (what: string): VisibleChange => ({ kind: "restricts", what });
  if (RESTRICTIVE.has(kind)) {
    if (old.has(on)) return restricts(`${told(fact)} is new on what was there`);
    return old.has(refers) ? restricts(`${told(fact)} keeps rows from being deleted`) : undefined;
  }
  if (HARMLESS.has(kind)) return undefined;
  if (kind === "column") {
    if (!old.has(on)) return undefined;
    if (!optional) return restricts(`${told(fact)} is new, and must be given`);
    return old.usesName(fact) ? ambiguous(fact) : undefined;
  }
  if (RELATIONS.has(kind) || kind === "function") return old.usesName(fact) ? ambiguous(fact) : undefined;
  return restricts(`${told(fact)} is new`);
}

function ambiguous(fact: Fact): VisibleChange {
  return { kind: "ambiguous", what: `${told(fact)} is new, and its name was in use elsewhere` };
}

function key({ kind, name }: Fact): string {
  return `${kind} ${name}`;
}

function bareKey({ kind, bare }: Fact): string {
  return `${RELATIONS.has(kind) ? "relation" : kind} ${bare}`;
}

function told({ kind, name }: Fact): string {
  return name.startsWith(kind) ? name : `${kind} ${shown(name)}`;
}
