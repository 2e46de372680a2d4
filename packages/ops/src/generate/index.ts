import type { Ops } from "../config/ops.ts";
import { alertmanager } from "./alertmanager/index.ts";
import { blackbox } from "./blackbox/index.ts";
import { backupGuide } from "./docs/backup.ts";
import { docs } from "./docs/index.ts";
import { releaseChecklist } from "./docs/release.ts";
import { rollbackRunbook } from "./docs/rollback.ts";
import type { GeneratedFile } from "./file.ts";
import { prometheus } from "./prometheus/index.ts";
import type { Timing } from "./timing.ts";

/** One thing that files are generated for. */
type Target = (ops: Ops, timing: Timing) => GeneratedFile[];

const TARGETS: readonly Target[] = [
  prometheus,
  blackbox,
  alertmanager,
  docs,
  backupGuide,
  releaseChecklist,
  rollbackRunbook,
];

/** Every file that a configuration asks for. The same input gives the same bytes. */
export function generateFiles(ops: Ops, timing: Timing): GeneratedFile[] {
  return TARGETS.flatMap((target) => target(ops, timing));
}
