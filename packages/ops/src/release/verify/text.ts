import { inWords } from "../../generate/docs/words.ts";
import type { Paint } from "../../print.ts";
import type { CiVerdict } from "../ci.ts";
import type { ReleaseVerify } from "./verify.ts";

const LOOK = {
  passed: { shape: "✓", colour: "green", says: "Keep it." },
  failed: { shape: "✗", colour: "red", says: "Do not keep it." },
  unknown: { shape: "?", colour: "yellow", says: "It cannot be told." },
} as const;

/** The verdict as a CI shows it. */
export function verifyForCi({ service, version, verdict, items }: ReleaseVerify): CiVerdict {
  return { title: `Release of ${service.name}`, version, verdict, says: LOOK[verdict].says, items };
}

/** The verdict for people: one line for the checks, and one for each metric. */
export function verifyText(report: ReleaseVerify, paint: Paint): string {
  const { service, version, verdict, reason, items, windows, look } = report;
  const width = Math.max(...items.map(({ name }) => name.length));
  const span = windows?.new.span;
  const seen =
    span === undefined ? "" : `, ${inWords(span.to.getTime() - span.from.getTime())} after its deploy`;
  const { shape, colour, says } = LOOK[verdict];
  return [
    `${paint("bold", `Release of ${service.name}`)}: ${version}${seen}`,
    "",
    ...items.flatMap((item) => {
      const { shape: mark, colour: tone } = LOOK[item.verdict];
      const line = `${paint(tone, `${mark} ${item.verdict.padEnd(7)}`)}  ${item.name.padEnd(width)}  ${item.reason}`;
      return item.fix ? [line, `${" ".repeat(11)}${paint("bold", "fix:")} ${item.fix}`] : [line];
    }),
    "",
    `${paint(colour, `${shape} ${says}`)} ${reason}${look === undefined ? "" : ` Look ${look.index} of ${look.planned}.`}`,
  ].join("\n");
}
