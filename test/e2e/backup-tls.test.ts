import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeCertificate } from "../checks/certificate.ts";
import { openScratch, type Scratch, startPostgres } from "../stack/index.ts";
import { seakeep } from "./backup/command.ts";

let scratch: Scratch;
let url: URL;
let ca: string;
let other: string;

/** A server that takes nobody without TLS, with a certificate for the name localhost. */
beforeAll(async () => {
  scratch = await openScratch();
  const postgres = await startPostgres(scratch);
  url = new URL(await postgres.createDatabase("shop"));
  const shop = new pg.Client({ connectionString: url.href });
  await shop.connect();
  // Large, so that its rows go by a connection of their own.
  await shop.query("create table big as select g, repeat(md5(g::text), 20) from generate_series(1, 30000) g");
  await shop.end();
  url.hostname = "localhost";
  const authority = makeCertificate({ name: "authority", ca: true });
  const { cert, key } = makeCertificate({ name: "localhost", issuer: authority.signer });
  ca = await file("ca.crt", authority.cert);
  other = await file("other.crt", makeCertificate({ name: "another", ca: true }).cert);
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  // By way of the server, whose files must be its own.
  const write = async (name: string, text: string) =>
    await client.query(
      `copy (select unnest(string_to_array(${pg.escapeLiteral(text.trim())}, e'\\n'))) to program 'umask 077; cat > ${name}'`,
    );
  await write("server.crt", cert);
  await write("server.key", key);
  await write("pg_hba.conf", "hostssl all all all scram-sha-256");
  await client.query("alter system set ssl to on");
  await client.query("select pg_reload_conf()");
  await client.end();
});

afterAll(() => scratch?.close());

async function file(name: string, text: string): Promise<string> {
  const path = join(scratch.folder, name);
  await writeFile(path, text);
  return path;
}

async function run(parameters: Readonly<Record<string, string>>, ...args: readonly string[]) {
  const where = new URL(url);
  for (const [name, value] of Object.entries(parameters)) {
    if (name === "hostname") where.hostname = value;
    else where.searchParams.set(name, value);
  }
  const store = `file://${join(scratch.folder, "store")}`;
  const env = { DATABASE_URL: where.href };
  const { code, stdout, stderr } = await seakeep(scratch, [...args, "--store", store, "--json"], env);
  expect(stdout + stderr).not.toContain(url.password);
  return { code, ...(JSON.parse(stdout) as { error?: { code: string; message: string } }) };
}

test("over TLS, whether the server is verified or not", async () => {
  const verified = { sslmode: "verify-full", sslrootcert: ca };
  for (const parameters of [{ sslmode: "require" }, { ssl: "true" }, {}, verified]) {
    expect(await run(parameters, "backup", "create")).toMatchObject({ code: 0 });
  }
  expect(await run(verified, "restore", "latest", "--into", "back")).toMatchObject({
    code: 0,
    validated: true,
    rows: 30_000,
  });
});

test.each<[string, Readonly<Record<string, string>>, string, RegExp]>([
  ["another authority", { sslmode: "verify-full", sslrootcert: "other" }, "SK-POSTGRES-002", /certificate/],
  [
    "another authority, with require",
    { sslmode: "require", sslrootcert: "other" },
    "SK-POSTGRES-002",
    /certificate/,
  ],
  [
    "another name",
    { hostname: "127.0.0.1", sslmode: "verify-full", sslrootcert: "ca" },
    "SK-POSTGRES-002",
    /127\.0\.0\.1/,
  ],
  ["no TLS at all", { sslmode: "disable" }, "SK-POSTGRES-003", /no encryption/],
  [
    "an authority that is not there",
    { sslmode: "verify-ca", sslrootcert: "/nowhere" },
    "SK-POSTGRES-001",
    /nowhere/,
  ],
])("refused: %s", async (_name, parameters, code, message) => {
  const { sslrootcert } = parameters;
  const root = sslrootcert === "ca" ? ca : sslrootcert === "other" ? other : sslrootcert;
  const given = { ...parameters, ...(root !== undefined && { sslrootcert: root }) };
  const result = await run(given, "backup", "create");
  expect(result.error?.code).toBe(code);
  expect(result.error?.message).toMatch(message);
  expect(result.code).toBe(code === "SK-POSTGRES-002" ? 3 : 2);
});
