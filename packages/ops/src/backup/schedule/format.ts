import type { GeneratedFile } from "../../generate/file.ts";
import type { Plan } from "./plan.ts";

/** Where and as whom a schedule runs. */
export interface Place {
  /** Folder of seakeep.config.ts, where the scheduler runs. */
  readonly folder: string;
  /** User of the machine. */
  readonly user: string;
  /** Container image. */
  readonly image?: string;
}

/** One way to run a plan. The files hold no secret, only where each comes from. */
export type Format = (plan: Plan, place: Place, header: readonly string[]) => GeneratedFile[];

/** The header as comment lines, for formats that begin them with `#`. */
export function comment(lines: readonly string[]): string {
  return lines.map((line) => `# ${line}\n`).join("");
}

/** File of variables for schedulers of a machine, mode 0600. */
export function environmentFile({ service }: Plan): string {
  return `/etc/seakeep/${service}.env`;
}

/** A word for a shell. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
