import type { Paint } from "../print.ts";
import type { ReleaseCheck } from "./check.ts";
import type { CiVerdict } from "./ci.ts";
import type { GateResult } from "./decision.ts";

/** The check as a CI shows it. */
export function checkForCi({ service, version, verdict, gates }: ReleaseCheck): CiVerdict {
  return { title: `Release check of ${service.name}`, version, verdict, says: SAYS[verdict], items: gates };
}

/** Word, shape and colour: none of them alone reaches everybody. */
const LOOK = {
  passed: { shape: "✓", word: "passed", colour: "green" },
  failed: { shape: "✗", word: "refused", colour: "red" },
  unknown: { shape: "?", word: "unknown", colour: "yellow" },
} as const;

/** The check for people: one line a gate, and below it what to do where it did not open. */
export function checkText(check: ReleaseCheck, paint: Paint): string {
  const { service, version, commit, gates, verdict } = check;
  const of = [version ?? "an unknown version", ...(commit === null ? [] : [`commit ${commit.slice(0, 12)}`])];
  const width = Math.max(...gates.map(({ name }) => name.length));
  return [
    `${paint("bold", `Release check of ${service.name}`)}: ${of.join(", ")}`,
    "",
    ...gates.flatMap((gate) => gateLines(gate, width, paint)),
    "",
    `${paint(LOOK[verdict].colour, `${LOOK[verdict].shape} ${SAYS[verdict]}`)} ${counts(gates)}`,
  ].join("\n");
}

const SAYS = { passed: "Ship.", failed: "Do not ship.", unknown: "It cannot be told." } as const;

function gateLines(
  { name, verdict, reason, fix, exception }: GateResult,
  width: number,
  paint: Paint,
): string[] {
  const { shape, word, colour } = LOOK[verdict];
  const indent = " ".repeat(11);
  return [
    `${paint(colour, `${shape} ${word.padEnd(7)}`)}  ${name.padEnd(width)}  ${reason}`,
    ...(exception === undefined
      ? []
      : [`${indent}${paint("bold", `${exception.kind}:`)} ${exception.reason} (${exception.by})`]),
    ...(fix === undefined || exception !== undefined ? [] : [`${indent}${paint("bold", "fix:")} ${fix}`]),
  ];
}

function counts(gates: readonly GateResult[]): string {
  const count = (keep: (gate: GateResult) => boolean, word: string) => {
    const number = gates.filter(keep).length;
    return number === 0 ? [] : [`${number} ${word}`];
  };
  const counted = (verdict: GateResult["verdict"]) => (gate: GateResult) =>
    gate.verdict === verdict && gate.exception === undefined;
  return [
    `${gates.filter(counted("passed")).length} passed`,
    ...count(counted("failed"), "refused"),
    ...count(counted("unknown"), "unknown"),
    ...count(({ exception }) => exception?.kind === "waived", "waived"),
    ...count(({ exception }) => exception?.kind === "overridden", "overridden"),
  ].join(", ");
}
