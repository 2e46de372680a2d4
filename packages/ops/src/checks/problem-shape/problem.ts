import { quote } from "../text.ts";

interface Fault {
  readonly what: string;
  readonly fix: string;
}

const TEXTS = ["type", "title", "detail", "instance"] as const;

/** Where a problem document departs from RFC 9457, section 3.1. All its members are optional; none may be wrong. */
export function problemFaults(problem: Readonly<Record<string, unknown>>, status: number): Fault[] {
  const faults: Fault[] = [];
  for (const member of TEXTS) {
    const value = problem[member];
    if (value === undefined || typeof value === "string") continue;
    faults.push({
      what: `the member "${member}" is ${value === null ? "null" : `a ${typeof value}`}, not text`,
      fix: `Send "${member}" as text, or leave it out.`,
    });
  }
  for (const member of ["type", "instance"] as const) {
    const value = problem[member];
    if (typeof value !== "string" || isUriReference(value)) continue;
    faults.push({
      what: `the member "${member}" is ${quote(value)}, not a URI reference`,
      fix: `Send a URI such as "about:blank", or leave it out.`,
    });
  }
  if (problem.status !== undefined && problem.status !== status) {
    faults.push({
      what: `the member "status" is ${quote(JSON.stringify(problem.status))} under the status code ${status}`,
      fix: "Set it from the code that is sent, or leave it out.",
    });
  }
  const says = [problem.title, problem.detail, problem.type].some(
    (value) => typeof value === "string" && value !== "" && value !== "about:blank",
  );
  if (!says) faults.push({ what: "the problem document says nothing", fix: 'Send at least a "title".' });
  return faults;
}

function isUriReference(text: string): boolean {
  return !/[\s<>"{}|\\^`]/.test(text) && URL.canParse(text, "http://reference.invalid/");
}
