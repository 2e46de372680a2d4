import type { Programs } from "../../postgres/programs.ts";
import { readContents } from "./contents.ts";
import { type Databases, withSession } from "./databases.ts";
import type { OldCommand } from "./old-code/command.ts";
import type { OldStatements } from "./old-code/statements.ts";
import type { State } from "./restored.ts";
import { readSchemaText } from "./schema-text.ts";

/** What stands for the previous release; empty: only what changed is looked at. */
export interface OldCode {
  readonly statements: readonly OldStatements[];
  readonly command?: OldCommand | undefined;
}

/** What every proof of a run shares. */
export interface Bench {
  readonly databases: Databases;
  /** pg_dump, for the schema. */
  readonly programs: Programs;
  /** `server_version_num` of the scratch server. */
  readonly server: number;
  /** What the database was filled from: the id of a backup, or `sample`. */
  readonly data: string;
  /** Whom to apply as: who owns what is there. */
  readonly role?: string | undefined;
  readonly oldCode: OldCode;
  /** Milliseconds for one statement. */
  readonly statementTimeout: number;
  readonly signal: AbortSignal;
}

/** Name of the database that goes through the migrations, one after the other. */
export const WORK = "seakeep_prove";
/** Name of its copy as it was before the migration at hand. */
export const BEFORE = "seakeep_before";

/** Schema and data of a database. */
export async function readState({ databases, programs, signal }: Bench, name: string): Promise<State> {
  const connection = databases.connection(name);
  const schema = await readSchemaText(programs, connection, signal);
  return { schema, contents: await withSession(connection, readContents) };
}
