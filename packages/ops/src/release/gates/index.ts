import { backup } from "./backup/index.ts";
import { budget } from "./budget/index.ts";
import { checks } from "./checks/index.ts";
import { configuration } from "./configuration/index.ts";
import { drift } from "./drift/index.ts";
import { drill } from "./drill/index.ts";
import type { Gate } from "./gate.ts";
import { migrations } from "./migrations/index.ts";
import { pages } from "./pages/index.ts";
import { tree } from "./tree/index.ts";

/** Every gate, in the order of the checklist. To add one: a folder, a line here, and its name in `gate-names.ts`. */
export const GATES: readonly Gate[] = [
  ...[tree, configuration, drift, checks, pages],
  ...[budget, backup, drill, migrations],
];
