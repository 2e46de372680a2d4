import { Catalog } from "../effects/catalog.ts";
import { learn } from "../effects/learn.ts";
import { type Level, levelOf } from "../effects/level.ts";
import type { Operation } from "../effects/operation.ts";
import { effectsOf, locksOf, visible } from "../effects/predict.ts";
import { operationsOf } from "../effects/read/index.ts";
import { blocksWrites } from "../prove/lock-mode.ts";
import { placeOf } from "../sql/offsets.ts";
import { type Piece, parseScript, type Statement } from "../sql/parse.ts";
import { statementsOfBlock } from "../sql/plpgsql.ts";
import { type Allowance, allowancesOf, endOfLine } from "./allow.ts";
import { RULES, SEQUENCE_RULES, type SequenceRule } from "./rules.ts";

/** One thing to know about a statement. */
export interface Finding {
  readonly file: string;
  readonly line: number;
  /** In UTF-16 code units, from 1. */
  readonly column: number;
  readonly rule: string;
  readonly level: Level;
  readonly statement: string;
  readonly why: string;
  readonly fix: string;
}

/** A finding that a comment allows. */
export interface AllowedFinding extends Finding {
  readonly reason: string;
}

/** A text to be looked at. */
export interface LintInput {
  /** As it is to be shown. */
  readonly file: string;
  readonly text: string;
  /** Where it begins in the file, and that file; absent: a program made it, and it is shown from its own first line. */
  readonly within?: { readonly whole: string; readonly offset: number };
  /** True when it runs in one transaction; otherwise only what BEGIN opens is one. */
  readonly transaction: boolean;
}

export interface LintResult {
  readonly findings: readonly Finding[];
  readonly allowed: readonly AllowedFinding[];
}

type Draft = Piece & {
  readonly rule: string;
  readonly level: Level;
  readonly why: string;
  readonly fix: string;
};

/**
 * Looks at one text of SQL. What it makes is known to the next one that is given the same catalog.
 *
 * @throws {NotSql} when it cannot be parsed.
 */
export async function lint(input: LintInput, catalog: Catalog = new Catalog()): Promise<LintResult> {
  const script = await parseScript(input.text);
  const findings: Finding[] = [];
  const allowed: AllowedFinding[] = [];
  const state: State = { inside: input.transaction, timeout: false, told: false, held: [] };
  let from = 0;
  for (const statement of script.statements) {
    const allowances = allowancesOf(script, statement, from, input.text);
    from = endOfLine(input.text, statement);
    const drafts = [...malformed(allowances), ...(await judge(statement, catalog, state))];
    for (const draft of drafts.sort((a, b) => a.offset - b.offset)) {
      const finding = show(draft, input);
      const reason = allowances.find(({ rule, reason: given }) => rule === draft.rule && given)?.reason;
      if (reason === undefined) findings.push(finding);
      else allowed.push({ ...finding, reason });
    }
  }
  catalog.settle();
  return { findings, allowed };
}

/** What the statements before have set. */
interface State {
  inside: boolean;
  timeout: boolean;
  told: boolean;
  /** Tables that the transaction has locked against others. */
  held: string[];
}

function malformed(allowances: readonly Allowance[]): readonly Draft[] {
  return allowances
    .filter(({ reason }) => reason === undefined)
    .map((allowance) =>
      sequence("allow-without-reason", "caution", allowance, "-- seakeep: allow <rule> because <reason>"),
    );
}

function sequence(rule: SequenceRule, level: Level, { text, offset }: Piece, fix: string): Draft {
  return { rule, level, why: SEQUENCE_RULES[rule], fix, text, offset };
}

async function judge(statement: Statement, catalog: Catalog, state: State): Promise<readonly Draft[]> {
  follow(statement, state);
  if ("DoStmt" in statement.node) {
    const { statements, unseen } = await statementsOfBlock(statement);
    const drafts: Draft[] = unseen.map(({ why, ...piece }) => ({
      ...piece,
      ...{ rule: "unseen", level: "caution" as const },
      ...{
        why: `It cannot be seen what this does: ${why}.`,
        fix: RULES.unseen!.fix({ ...piece, kind: "unseen" }),
      },
    }));
    // A block is one transaction at least; what it locks is free again after it, unless it stands in one.
    const own = { ...state, inside: true, held: state.inside ? state.held : [] };
    for (const inner of statements) drafts.push(...(await judge(inner, catalog, own)));
    return drafts;
  }
  const operations = visible(operationsOf(statement, catalog), catalog);
  const drafts = operations.flatMap((operation) => draftOf(operation) ?? []);
  drafts.push(...together(statement, operations, catalog, state));
  learn(statement, catalog);
  return drafts;
}

function draftOf(operation: Operation): Draft | undefined {
  const rule = RULES[operation.kind];
  if (rule === undefined) return undefined;
  const { kind, text, offset, detail } = operation;
  const why = kind === "unseen" && detail ? `It cannot be seen ${detail}.` : rule.why;
  return { rule: kind, level: levelOf(effectsOf(operation)), why, fix: rule.fix(operation), text, offset };
}

/** What only shows when statements are seen together. */
function together(
  statement: Statement,
  operations: readonly Operation[],
  catalog: Catalog,
  state: State,
): readonly Draft[] {
  const drafts: Draft[] = [];
  const effects = operations.map(effectsOf);
  if (state.inside && effects.some(({ alone }) => alone)) {
    drafts.push(
      sequence(
        "refused-in-transaction",
        "unsafe",
        statement,
        "Give it a migration of its own that runs without a transaction.",
      ),
    );
  }
  const works = effects.some(
    ({ scans, rewrites, unbounded, scansOther }) => scans || rewrites || unbounded || scansOther,
  );
  const already = operations.some(
    (operation) => RULES[operation.kind] && levelOf(effectsOf(operation)) === "unsafe",
  );
  if (state.inside && works && state.held.length > 0 && !already) {
    const fix = `Do it in a later migration: ${state.held[0]} stays locked until this one ends.`;
    drafts.push(sequence("lock-held-through-work", "unsafe", statement, fix));
  }
  const blocking = operations
    .flatMap((operation) => locksOf(operation, catalog))
    .filter(({ mode }) => blocksWrites(mode))
    .map(({ table }) => table.name);
  if (blocking.length > 0 && !state.timeout && !state.told) {
    state.told = true;
    drafts.push(
      sequence(
        "no-lock-timeout",
        "caution",
        statement,
        "set lock_timeout = '5s';  -- before it; then try again when it fails",
      ),
    );
  }
  if (state.inside) state.held.push(...blocking);
  return drafts;
}

function follow({ node, text }: Statement, state: State): void {
  if ("VariableSetStmt" in node && node.VariableSetStmt.name === "lock_timeout") {
    state.timeout =
      node.VariableSetStmt.kind === "VAR_SET_VALUE" && !/(\bto|=)\s*'?0\s*[a-z]*'?\s*$/i.test(text);
  }
  if ("SelectStmt" in node && /set_config\s*\(\s*'lock_timeout'/i.test(text)) state.timeout = true;
  if (!("TransactionStmt" in node)) return;
  const { kind } = node.TransactionStmt;
  if (kind === "TRANS_STMT_BEGIN" || kind === "TRANS_STMT_START") state.inside = true;
  if (kind === "TRANS_STMT_COMMIT" || kind === "TRANS_STMT_ROLLBACK") {
    state.inside = false;
    state.held = [];
  }
}

function show({ text, offset, ...draft }: Draft, { file, text: input, within }: LintInput): Finding {
  const place = within ? placeOf(within.whole, within.offset + offset) : placeOf(input, offset);
  return {
    file,
    ...place,
    rule: draft.rule,
    level: draft.level,
    statement: text,
    why: draft.why,
    fix: draft.fix,
  };
}
