import { Catalog } from "../effects/catalog.ts";
import { learn } from "../effects/learn.ts";
import { type Level, levelOf } from "../effects/level.ts";
import type { Operation } from "../effects/operation.ts";
import { effectsOf, visible } from "../effects/predict.ts";
import { operationsOf } from "../effects/read/index.ts";
import { type Place, placesIn } from "../sql/offsets.ts";
import { parseScript, type Script, type Statement } from "../sql/parse.ts";
import { statementsOfBlock } from "../sql/plpgsql.ts";
import { type Allowance, allowancesIn, allowancesOf, endOfLine } from "./allow.ts";
import { RULES } from "./rules.ts";
import { begin, block, type Draft, endBlock, follow, type State, sequence, together } from "./sequence.ts";

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
  /** Where it begins in the file, and that file; absent: the text is the whole file. */
  readonly within?: { readonly whole: string; readonly offset: number };
  /** A program made it: what is found is shown at the first line of that, for none is known. */
  readonly made?: true;
  /**
   * True when it runs in one transaction, false when only what BEGIN opens is one. Absent: nobody says; most tools run a file in
   * one, unless it holds a BEGIN or what Postgres refuses there.
   */
  readonly transaction?: boolean;
}

export interface LintResult {
  readonly findings: readonly Finding[];
  readonly allowed: readonly AllowedFinding[];
}

/**
 * Looks at one text of SQL. What it makes is known to the next one that is given the same catalog.
 *
 * @throws {NotSql} when it cannot be parsed.
 */
export async function lint(input: LintInput, catalog: Catalog = new Catalog()): Promise<LintResult> {
  const script = await parseScript(input.text);
  const findings: Finding[] = [];
  const allowed: AllowedFinding[] = [];
  const show = shower(input);
  const written = allowancesIn(script);
  const state = begin(input.transaction ?? (mayBeOne(script, catalog) ? "likely" : false));
  let from = 0;
  for (const statement of script.statements) {
    const allowances = allowancesOf(written, statement, from, input.text);
    from = endOfLine(input.text, statement);
    const drafts = [...malformed(allowances), ...(await judge(statement, catalog, state))];
    for (const draft of drafts.sort((a, b) => a.offset - b.offset)) {
      const finding = show(draft);
      const reason = allowances.find(({ rule, reason: given }) => rule === draft.rule && given)?.reason;
      if (reason === undefined) findings.push(finding);
      else allowed.push({ ...finding, reason });
    }
  }
  catalog.end();
  return { findings, allowed };
}

/** No statement opens a transaction, and none is refused in one. */
function mayBeOne({ statements }: Script, catalog: Catalog): boolean {
  return !statements.some(
    (statement) =>
      "TransactionStmt" in statement.node ||
      operationsOf(statement, catalog).some((operation) => effectsOf(operation).alone),
  );
}

function malformed(allowances: readonly Allowance[]): readonly Draft[] {
  return allowances
    .filter(({ reason }) => reason === undefined)
    .map((allowance) =>
      sequence("allow-without-reason", "caution", allowance, {
        fix: "-- seakeep: allow <rule> because <reason>",
      }),
    );
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
    const own = block(state);
    for (const inner of statements) drafts.push(...(await judge(inner, catalog, own)));
    endBlock(own, state);
    return drafts;
  }
  const operations = visible(operationsOf(statement, catalog), catalog);
  const drafts = operations.flatMap((operation) => draftOf(operation) ?? []);
  drafts.push(...together(statement, operations, catalog, state));
  // What has another name then is not what the next statement means.
  if (!statement.guessed) learn(statement, catalog);
  return drafts;
}

function draftOf(operation: Operation): Draft | undefined {
  const rule = RULES[operation.kind];
  if (rule === undefined) return undefined;
  const { kind, text, offset, detail } = operation;
  const why = kind === "unseen" && detail ? `It cannot be seen ${detail}.` : rule.why;
  return { rule: kind, level: levelOf(effectsOf(operation)), why, fix: rule.fix(operation), text, offset };
}

/** Where an offset of a text that is looked at is in its file. */
export function placesOf({ text, within, made }: LintInput): (offset: number) => Place {
  if (made) return () => ({ line: 1, column: 1 });
  const places = placesIn(within?.whole ?? text);
  return (offset) => places((within?.offset ?? 0) + offset);
}

function shower(input: LintInput): (draft: Draft) => Finding {
  const places = placesOf(input);
  return ({ rule, level, text, offset, why, fix }) => ({
    ...{ file: input.file, ...places(offset) },
    ...{ rule, level, statement: text, why, fix },
  });
}
