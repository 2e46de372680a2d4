import type { Ops } from "../../config/ops.ts";
import { type GeneratedFile, headerLines } from "../file.ts";
import type { Timing } from "../timing.ts";

/** The SLO document. */
export function docs(ops: Ops, timing: Timing): GeneratedFile[] {
  const header = `<!--\n${headerLines(ops.service, timing).join("\n")}\n-->\n`;
  return [{ path: "docs/slo.md", content: `${header}\n# ${ops.service.name}\n` }];
}
