import { ConfigError } from "./config.ts";

/** Runs a command; a mistake in the environment is told in words, anything else with its stack. */
export async function run(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    const told = error instanceof ConfigError ? error.message : error instanceof Error ? error.stack : error;
    process.stderr.write(`${told}\n`);
    process.exitCode = error instanceof ConfigError ? 2 : 1;
  }
}
