import { describe, expect, it } from "vitest";
import { databaseStatements } from "./database-statements.ts";

const entry = (kind: string, name: string, definition: string, owner = "amy") => ({
  ...{ id: 1, hasData: false, copied: false, section: "none" as const, schema: "" },
  ...{ kind, name, definition, owner },
});

const created = (options: string) =>
  databaseStatements(
    [entry("DATABASE", "app", `CREATE DATABASE app WITH TEMPLATE = template0 ${options};\n`)],
    "new",
  ).options;

describe("databaseStatements", () => {
  it("turns what is said of the database dumped to the new one", () => {
    const { owner, settings, privileges, left } = databaseStatements(
      [
        entry("DATABASE", 'a"pp', 'CREATE DATABASE "a""pp" WITH TEMPLATE = template0;\n'),
        entry("COMMENT", 'DATABASE "a""pp"', `COMMENT ON DATABASE "a""pp" IS 'it''s';\n`),
        entry("COMMENT", "TABLE t", "COMMENT ON TABLE t IS 'other';\n"),
        entry(
          "ACL",
          'DATABASE "a""pp"',
          'REVOKE CONNECT,TEMPORARY ON DATABASE "a""pp" FROM PUBLIC;\nGRANT CONNECT ON DATABASE "a""pp" TO bob;\n',
        ),
        entry(
          "DATABASE PROPERTIES",
          'a"pp',
          `ALTER DATABASE "a""pp" SET work_mem TO '8MB';\nALTER ROLE "b b" IN DATABASE "a""pp" SET search_path TO 'x', 'y';\n`,
        ),
      ],
      'n"ew',
    );
    expect(owner).toBe("amy");
    expect(settings).toEqual([
      `COMMENT ON DATABASE "n""ew" IS 'it''s';`,
      `ALTER DATABASE "n""ew" SET work_mem TO '8MB';`,
      `ALTER ROLE "b b" IN DATABASE "n""ew" SET search_path TO 'x', 'y';`,
    ]);
    expect(privileges).toEqual([
      `REVOKE CONNECT,TEMPORARY ON DATABASE "n""ew" FROM PUBLIC;`,
      `GRANT CONNECT ON DATABASE "n""ew" TO bob;`,
    ]);
    expect(left).toEqual([]);
  });

  it("leaves alone what names another database, or cannot be told", () => {
    const lines = [
      "ALTER DATABASE other SET work_mem TO '8MB';",
      "DROP DATABASE app;",
      "ALTER DATABASE app SET x TO 'a",
    ];
    const { settings, privileges, left } = databaseStatements(
      [entry("DATABASE", "app", ""), entry("DATABASE PROPERTIES", "app", lines.join("\n"))],
      "new",
    );
    expect([settings, privileges, left]).toEqual([[], [], lines]);
  });

  it("makes the new database with the same encoding and locale, wherever it stands", () => {
    expect(created("ENCODING = 'UTF8' LOCALE_PROVIDER = libc LOCALE = 'C' TABLESPACE = fast")).toBe(
      "ENCODING = 'UTF8' LOCALE = 'C'",
    );
    expect(created("ENCODING = 'LATIN1' LC_COLLATE = 'de_DE' LC_CTYPE = 'C'")).toBe(
      "ENCODING = 'LATIN1' LC_COLLATE = 'de_DE' LC_CTYPE = 'C'",
    );
    expect(created("ENCODING = 'UTF8' LOCALE_PROVIDER = icu LOCALE = 'C' ICU_LOCALE = 'de-DE'")).toBe(
      "ENCODING = 'UTF8' LOCALE_PROVIDER = icu LOCALE = 'C' ICU_LOCALE = 'de-DE'",
    );
  });
});
