import type { Paint } from "../print.ts";
import type { Advice } from "./advice.ts";
import { DIMENSIONS } from "./dimensions.ts";
import { DECISIONS } from "./matrix.ts";
import type { Step } from "./plan.ts";
import { shown } from "./words.ts";

/** The advice for people: the decision, what it rests on, what to do. */
export function adviceText(advice: Advice, paint: Paint): string {
  const { decision, because, evidence, missing, notes, steps, fingerprint } = advice;
  const colour = decision === "wait" ? "green" : decision === "find-out" ? "yellow" : "red";
  const widths = [
    Math.max(...evidence.map(({ question }) => DIMENSIONS[question].asks.length)),
    Math.max(...evidence.map(({ answer }) => answer.length)),
  ] as const;
  const rows = evidence.map(({ question, answer, saw }) => {
    const text = answer.padEnd(widths[1]);
    const shownAnswer = answer === "unknown" ? paint("yellow", text) : text;
    return `  ${DIMENSIONS[question].asks.padEnd(widths[0])}  ${shownAnswer}  ${saw}`;
  });
  return [
    `${paint(colour, decision)}: ${DECISIONS[decision]}`,
    `  ${because}`,
    "",
    ...rows,
    ...(missing.length > 0 ? ["", "what is missing and would change it"] : []),
    ...missing.map(({ question, get }) => `  ${DIMENSIONS[question].asks} To know: ${get}`),
    ...(notes.length > 0 ? ["", ...notes.map((note) => `note: ${note}`)] : []),
    ...(steps.length > 0 ? ["", `plan ${fingerprint}`, ...steps.flatMap(stepText)] : []),
  ].join("\n");
}

function stepText({ does, command, check, back, loses }: Step, index: number): string[] {
  return [
    `  ${index + 1}. ${does}${loses ? " Loses data: asks for a text that names it." : ""}`,
    `     $ ${shown(command)}`,
    `     check: ${shown(check.command)}`,
    `            ${check.see}`,
    `     back:  ${back.command === undefined ? back.does : shown(back.command)}`,
  ];
}

/** The same for programs, and for `seakeep release record --evidence`. */
export function adviceDocument({ steps, ...advice }: Advice): object {
  return {
    kind: "rollback advise",
    ...advice,
    steps: steps.map(({ loses, ...step }) => ({
      ...step,
      shown: shown(step.command),
      losesData: loses === true,
    })),
  };
}
