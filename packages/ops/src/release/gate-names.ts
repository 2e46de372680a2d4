/** The gates of `seakeep release check`, in the order of the checklist. */
export const GATE_NAMES = [
  "tree",
  "configuration",
  "drift",
  "checks",
  "pages",
  "budget",
  "backup",
  "drill",
  "migrations",
] as const;

export type GateName = (typeof GATE_NAMES)[number];
