import { buildApp } from "./app.ts";
import { readConfig } from "./config.ts";
import { connect } from "./database.ts";
import { jsonLog } from "./log.ts";
import { folderMailer } from "./mail.ts";
import { run } from "./run.ts";
import { stopOnSignal } from "./shutdown.ts";

await run(async () => {
  const config = readConfig(process.env);
  const log = jsonLog(process.stdout);
  const database = connect(config.databaseUrl, config.databasePool);
  const mail = folderMailer(config.mailDir);
  const app = await buildApp(config, { database, mail, log, exit: process.exit });
  stopOnSignal({
    app,
    release: () => database.end(),
    log,
    timeoutMs: config.drainMs + config.shutdownTimeoutMs,
  });
  const address = await app.listen({ host: config.host, port: config.port });
  log.info({ address, release: config.release, pid: process.pid }, "listening");
});
