import { expect, test } from "vitest";
import { ConfigError, readConfig, readDatabaseUrl } from "./config.ts";

const enough = { DATABASE_URL: "postgres://localhost/courses", JWT_SECRET: "s".repeat(32) };

test("two variables are enough", () => {
  expect(readConfig(enough)).toMatchObject({
    host: "127.0.0.1",
    port: 3000,
    trustedProxies: [],
    accessLog: true,
    faults: false,
  });
});

test("every variable that is wrong is named at once, and no secret with it", () => {
  const env = {
    DATABASE_URL: "mysql://u:hunter2@db/x",
    JWT_SECRET: "hunter2",
    PORT: "80x",
    ACCESS_LOG: "loud",
  };
  const read = () => readConfig(env);
  expect(read).toThrow(ConfigError);
  expect(read).toThrow(
    [
      "The environment is not right:",
      "  - DATABASE_URL must be a postgres:// URL",
      "  - JWT_SECRET must be at least 32 characters, such as `openssl rand -base64 32` prints",
      "  - PORT must be a port from 0 (any free one) to 65535",
      "  - ACCESS_LOG must be on or off",
    ].join("\n"),
  );
  expect(read).not.toThrow("hunter2");
});

test("an empty variable is a missing one", () => {
  expect(() => readConfig({ ...enough, JWT_SECRET: "" })).toThrow("JWT_SECRET is missing");
  expect(readConfig({ ...enough, PORT: "" }).port).toBe(3000);
});

test("numbers are whole and within their bounds", () => {
  for (const PORT of ["-1", "65536", "1.5", "1e3", "0x10", " 80"]) {
    expect(() => readConfig({ ...enough, PORT })).toThrow("PORT must be");
  }
});

test("trusted proxies are a list", () => {
  const { trustedProxies } = readConfig({ ...enough, TRUSTED_PROXIES: "10.0.0.0/8, 127.0.0.1," });
  expect(trustedProxies).toEqual(["10.0.0.0/8", "127.0.0.1"]);
});

test("migrate and seed need the database alone", () => {
  expect(readDatabaseUrl(enough)).toBe(enough.DATABASE_URL);
  expect(() => readDatabaseUrl({})).toThrow("DATABASE_URL is missing");
});
