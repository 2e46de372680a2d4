import { buildApp } from "./app.ts";
import { readConfig } from "./config.ts";
import { connect } from "./database.ts";
import { jsonLog } from "./log.ts";
import { folderMailer } from "./mail.ts";
import { run } from "./run.ts";

await run(async () => {
  const config = readConfig(process.env);
  const log = jsonLog(process.stdout);
  const database = connect(config.databaseUrl, config.databasePool);
  const mail = folderMailer(config.mailDir);
  const app = await buildApp(config, { database, mail, log, exit: process.exit });
  const address = await app.listen({ host: config.host, port: config.port });
  log.info({ address, release: config.release, pid: process.pid }, "listening");

  const stop = (signal: string) => {
    log.info({ signal }, "stopping");
    // Not in time: leave anyway, and say so with the exit code. Unref'd: it must not itself keep us here.
    setTimeout(() => process.exit(1), config.shutdownTimeoutMs).unref();
    app
      .close()
      .then(() => database.end())
      .then(
        () => log.info({}, "stopped"),
        (error) => {
          log.error({ error }, "did not stop cleanly");
          process.exitCode = 1;
        },
      );
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, stop);
});
