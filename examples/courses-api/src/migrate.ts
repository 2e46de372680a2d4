import { fileURLToPath } from "node:url";
import { runner } from "node-pg-migrate";
import { readDatabaseUrl } from "./config.ts";
import { run } from "./run.ts";

await run(async () => {
  await runner({
    databaseUrl: readDatabaseUrl(process.env),
    dir: fileURLToPath(new URL("../migrations/", import.meta.url)),
    migrationsTable: "pgmigrations",
    direction: "up",
    advisoryLockMode: "wait", // two instances that start together: the second finds the work done
    log: (message) => process.stdout.write(`${message}\n`),
  });
});
