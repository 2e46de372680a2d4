import type { Catalog } from "../effects/catalog.ts";
import { type Level, levelOf } from "../effects/level.ts";
import type { Operation } from "../effects/operation.ts";
import { effectsOf, locksOf } from "../effects/predict.ts";
import { blocksWrites } from "../prove/lock-mode.ts";
import type { Piece, Statement } from "../sql/parse.ts";
import { walk } from "../sql/walk.ts";
import { RULES, SEQUENCE_RULES, type SequenceRule } from "./rules.ts";

/** What is to be said of a piece of the text. */
export type Draft = Piece & {
  readonly rule: string;
  readonly level: Level;
  readonly why: string;
  readonly fix: string;
};

/** What the statements before have set. */
export interface State {
  /** In a transaction; `likely`: most tools would run the file in one. */
  inside: boolean | "likely";
  /** How long a wait for a lock is limited: until the transaction ends, or for good. */
  timeout: "local" | "session" | undefined;
  /** It was said that there is no limit. */
  told: boolean;
  /** Tables that the transaction has locked against others; surely, or only if there is a transaction. */
  held: { readonly table: string; readonly surely: boolean }[];
  /** Values that the transaction has added to enumerated types: it cannot use them itself. */
  values: Set<string>;
}

export function begin(inside: State["inside"]): State {
  return { inside, timeout: undefined, told: false, held: [], values: new Set() };
}

/** A block is one transaction at least; what it locks is free again after it, unless it stands in one. */
export function block(state: State): State {
  return { ...state, inside: true, held: state.inside ? [...state.held] : [] };
}

export function endBlock(own: State, state: State): void {
  state.told = own.told;
  state.timeout = own.timeout;
  if (state.inside === true) state.held = own.held;
  if (state.inside === "likely") state.held = own.held.map(({ table }) => ({ table, surely: false }));
}

export function sequence(
  rule: SequenceRule,
  level: Level,
  { text, offset }: Piece,
  { why = SEQUENCE_RULES[rule], fix }: { readonly why?: string; readonly fix: string },
): Draft {
  return { rule, level, why, fix, text, offset };
}

/** Brings the state up to date with a statement that is about the session or the transaction. */
export function follow({ node, text }: Statement, state: State): void {
  if ("VariableSetStmt" in node && node.VariableSetStmt.name === "lock_timeout") {
    const { kind, is_local: local } = node.VariableSetStmt;
    const limits = kind === "VAR_SET_VALUE" && !/(\bto|=)\s*'?0\s*[a-z]*'?\s*$/i.test(text);
    // Outside a transaction, SET LOCAL does nothing.
    if (local && !state.inside) return;
    state.timeout = limits ? (local ? "local" : "session") : undefined;
  }
  if ("SelectStmt" in node && /set_config\s*\(\s*'lock_timeout'/i.test(text)) state.timeout = "session";
  if (!("TransactionStmt" in node)) return;
  const { kind } = node.TransactionStmt;
  if (kind === "TRANS_STMT_BEGIN" || kind === "TRANS_STMT_START") state.inside = true;
  if (kind === "TRANS_STMT_COMMIT" || kind === "TRANS_STMT_ROLLBACK") {
    state.inside = false;
    state.held = [];
    state.values.clear();
    if (state.timeout === "local") state.timeout = undefined;
  }
}

/** What only shows when statements are seen together. */
export function together(
  statement: Statement,
  operations: readonly Operation[],
  catalog: Catalog,
  state: State,
): readonly Draft[] {
  const blocking = operations
    .flatMap((operation) => locksOf(operation, catalog))
    .filter(({ mode }) => blocksWrites(mode))
    .map(({ table }) => table.name);
  const drafts = [
    refused(statement, operations, state),
    lockHeld(statement, operations, state),
    withoutTimeout(statement, blocking, state),
  ];
  const surely = state.inside === true;
  if (state.inside) state.held.push(...blocking.map((table) => ({ table, surely })));
  return drafts.flatMap((draft) => draft ?? []);
}

const IF_ONE = " if the file is run in one transaction, as most tools do.";

function refused(statement: Statement, operations: readonly Operation[], state: State): Draft | undefined {
  if (state.inside === true && operations.some((operation) => effectsOf(operation).alone)) {
    const fix = "Give it a migration of its own that runs without a transaction.";
    return sequence("refused-in-transaction", "unsafe", statement, { fix });
  }
  const used = state.inside && state.values.size > 0 && usesValue(statement, state.values);
  for (const { kind, detail = "" } of operations) if (kind === "add-enum-value") state.values.add(detail);
  if (!used) return undefined;
  const refusal = "A new value of an enumerated type cannot be used before the commit";
  return sequence("refused-in-transaction", state.inside === true ? "unsafe" : "caution", statement, {
    why:
      state.inside === true
        ? `${refusal}.`
        : `${refusal}:${IF_ONE.replace(" if", " Postgres refuses this if")}`,
    fix: "Use it in a later migration.",
  });
}

function usesValue({ node }: Statement, values: ReadonlySet<string>): boolean {
  for (const [kind, found] of walk(node)) if (kind === "sval" && values.has(String(found.sval))) return true;
  return false;
}

function lockHeld(statement: Statement, operations: readonly Operation[], state: State): Draft | undefined {
  const works = operations
    .map(effectsOf)
    .some(
      ({ scans, rewrites, unbounded, varies, scansOther }) =>
        scans || rewrites || unbounded || varies || scansOther,
    );
  const already = operations.some(
    (operation) => RULES[operation.kind] && levelOf(effectsOf(operation)) === "unsafe",
  );
  const [held] = state.held;
  if (!state.inside || !works || held === undefined || already) return undefined;
  const surely = state.held.some((lock) => lock.surely);
  const why = SEQUENCE_RULES["lock-held-through-work"];
  return sequence("lock-held-through-work", surely ? "unsafe" : "caution", statement, {
    why: surely ? why : why.replace(/\.$/, `,${IF_ONE}`),
    fix: `Do it in a later migration: ${held.table} stays locked until this one ends.`,
  });
}

function withoutTimeout(statement: Statement, blocking: readonly string[], state: State): Draft | undefined {
  if (blocking.length === 0 || state.timeout !== undefined || state.told) return undefined;
  state.told = true;
  return sequence("no-lock-timeout", "caution", statement, {
    fix: "set lock_timeout = '5s';  -- before it; then try again when it fails",
  });
}
