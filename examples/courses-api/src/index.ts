export { buildApp } from "./app.ts";
export { type Config, ConfigError, readConfig } from "./config.ts";
export { connect, type Database } from "./database.ts";
export type { Deps } from "./deps.ts";
export { jsonLog, type Log } from "./log.ts";
export { folderMailer, type Mail, type Mailer } from "./mail.ts";
export { SEED_PASSWORD, SEED_USERS } from "./seed/data.ts";
