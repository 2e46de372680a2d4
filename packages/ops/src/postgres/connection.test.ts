import { inspect } from "node:util";
import { SeakeepError } from "@seakeep/contract";
import { describe, expect, it, test } from "vitest";
import { connectionUrl, parseConnection, withDatabase } from "./connection.ts";

const PASSWORD = "hunter2-p@ss";
const URL_TEXT = `postgres://app:${encodeURIComponent(PASSWORD)}@db.internal:6432/courses`;

describe("parseConnection", () => {
  test.each([
    [URL_TEXT, { host: "db.internal", port: 6432, user: "app", database: "courses" }],
    ["postgresql://app@db.internal", { host: "db.internal", port: 5432, user: "app", database: "app" }],
    ["postgres://app@[::1]:5433/d%C3%BC%2F%22", { host: "::1", port: 5433, user: "app", database: 'dü/"' }],
    ["postgres://app@%2Fvar%2Frun/d", { host: "/var/run", port: 5432, user: "app", database: "d" }],
    ["postgres:///d?host=/tmp&port=5433&user=a", { host: "/tmp", port: 5433, user: "a", database: "d" }],
    [
      " postgres://app@h/d?schema=public&connection_limit=5\n",
      { host: "h", port: 5432, user: "app", database: "d" },
    ],
  ])("reads %s", (url, expected) => {
    expect(parseConnection(url, {})).toMatchObject(expected);
  });

  it("decodes the password, and takes one from the environment when there is none", () => {
    expect(parseConnection(URL_TEXT, { PGPASSWORD: "other" }).password()).toBe(PASSWORD);
    expect(parseConnection("postgres://app@h/d?password=a+b%20c", {}).password()).toBe("a+b c");
    expect(parseConnection("postgres://app@h/d", { PGPASSWORD: "other" }).password()).toBe("other");
    expect(parseConnection("postgres://app@h/d", {}).password()).toBeUndefined();
  });

  it("fills what the URL leaves out from the environment", () => {
    const environment = { PGHOST: "h", PGPORT: "1", PGUSER: "u", PGDATABASE: "d", PGSSLMODE: "require" };
    expect(parseConnection("postgres://", environment)).toMatchObject({
      ...{ host: "h", port: 1, user: "u", database: "d", settings: { PGSSLMODE: "require" } },
    });
    expect(parseConnection("postgres://x@y/z?sslmode=disable", environment)).toMatchObject({
      ...{ host: "y", port: 1, user: "x", database: "z", settings: { PGSSLMODE: "disable" } },
    });
  });

  it("turns parameters to libpq's variables", () => {
    const url =
      "postgres://a@h/d?sslmode=verify-full&sslrootcert=/ca.pem&options=-c%20work_mem=1GB&connect_timeout=3";
    expect(parseConnection(url, {}).settings).toEqual({
      ...{ PGSSLMODE: "verify-full", PGSSLROOTCERT: "/ca.pem", PGOPTIONS: "-c work_mem=1GB" },
      PGCONNECT_TIMEOUT: "3",
    });
    expect(parseConnection("postgres://a@h/d?ssl=true", {}).settings).toEqual({ PGSSLMODE: "require" });
  });

  it("does not show the password, however it is printed", () => {
    const connection = withDatabase(parseConnection(URL_TEXT, {}), "other");
    expect(connection.database).toBe("other");
    for (const shown of [JSON.stringify(connection), inspect(connection, { depth: 9, showHidden: true })]) {
      expect(shown).toContain("db.internal");
      expect(shown).not.toContain("hunter2");
    }
  });

  test.each([
    ["hunter2@h/d", "does not begin with postgres://"],
    ["mysql://app:hunter2@h/d", "does not begin with postgres://"],
    ["postgres://app:hunter2@h:port/d", "cannot be told apart"],
    ["postgres://app:hunter2#x@h/d", "#"],
    ["postgres://app:hunter2%@h/d", "password is not percent-encoded"],
    ["postgres://app:hunter2@h/d?sslmode=hunter2", "sslmode"],
    ["postgres://app:hunter2@h/d?sslmod=require", "sslmod"],
    ["postgres://app:hunter2@h/d?password=a&hunter2=b", "a parameter that libpq does not know"],
    ["postgres://app:hunter2@h/d?port=0", "port"],
    ["postgres://app:hunter2@h/d?host=a,b", "several hosts"],
    ["postgres://app:hunter2%0Ax@h/d", "line break"],
  ])("refuses %s without repeating it", (url, message) => {
    const parse = () => parseConnection(url, {});
    expect(parse).toThrow(SeakeepError);
    expect(parse).toThrow(message);
    try {
      parse();
    } catch (error) {
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("hunter2");
    }
  });
});

describe("connectionUrl", () => {
  test.each([
    URL_TEXT,
    "postgres://a%40b:p%2F%3A%3F%23%25+x@[::1]:5433/d%C3%BC%2F%22?sslmode=verify-full&application_name=a%20b%2Bc",
    "postgres://postgres:secret@/drill?host=/tmp/a%20folder%2Bmore",
    "postgres://app@db.internal/d?options=-c%20work_mem%3D8MB",
  ])("leads where %s leads", (text) => {
    const { password, ...connection } = parseConnection(text.replace("@/", "@localhost/"), {});
    const url = connectionUrl({ ...connection, password });
    const { password: again, ...back } = parseConnection(url, {});
    expect(back).toEqual(connection);
    expect(again()).toBe(password());
    expect(URL.canParse(url)).toBe(true);
  });
});
