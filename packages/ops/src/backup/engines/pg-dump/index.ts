import type { Engine } from "../engine.ts";
import { isRows, startDump } from "./dump.ts";
import { inspect } from "./inspect.ts";
import { restore } from "./restore.ts";

/**
 * One logical dump of one database by pg_dump, in its custom format and uncompressed, with the roles beside it. It
 * restores to the same major version of Postgres or a newer one, on any machine.
 */
export const pgDump: Engine = { name: "pg-dump", dump: startDump, isRead: isRows, restore, inspect };
