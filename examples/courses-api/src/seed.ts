import { readDatabaseUrl } from "./config.ts";
import { connect } from "./database.ts";
import { run } from "./run.ts";
import { seed } from "./seed/seed.ts";

await run(async () => {
  if (process.env.NODE_ENV === "production")
    throw new Error("The seeded passwords are public: not in production.");
  const database = connect(readDatabaseUrl(process.env), 1);
  try {
    const { users, courses } = await seed(database);
    process.stdout.write(`Seeded: ${users} new users, ${courses} new courses.\n`);
  } finally {
    await database.end();
  }
});
