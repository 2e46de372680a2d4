import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { SEED_PASSWORD, SEED_USERS } from "courses-api";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mustRun } from "../stack/commands.ts";
import { openScratch, type Scratch, startPostgres, until } from "../stack/index.ts";
import { type Server, startServer } from "../stack/processes.ts";

const dist = dirname(createRequire(import.meta.url).resolve("courses-api"));
const MAX_BYTES = 4_000_000;

let scratch: Scratch;
let env: Record<string, string>;
let server: Server;
let sql: pg.Client;
let url: string;

beforeAll(async () => {
  scratch = await openScratch();
  const postgres = await startPostgres(scratch);
  env = {
    DATABASE_URL: await postgres.createDatabase("courses"),
    JWT_SECRET: randomBytes(32).toString("base64"),
    UPLOAD_DIR: join(scratch.folder, "uploads"),
    MAIL_DIR: join(scratch.folder, "mail"),
    UPLOAD_MAX_BYTES: String(MAX_BYTES),
    RATE_LIMIT: "100000",
    LOGIN_RATE_LIMIT: "100000",
    FAULTS: "1",
  };
  await command("migrate.js");
  await command("seed.js");
  sql = new pg.Client(env.DATABASE_URL);
  await sql.connect();
  server = await startServer(scratch, {
    name: "courses-api",
    command: process.execPath,
    args: () => [join(dist, "server.js")],
    env: (port) => ({ ...env, PORT: String(port) }),
    ready: async (port) => (await fetch(`http://127.0.0.1:${port}/readyz`)).ok,
  });
  url = `http://127.0.0.1:${server.port}`;
});

afterAll(async () => {
  await sql?.end();
  await scratch?.close();
});

function command(name: string): Promise<string> {
  return mustRun(scratch, { command: process.execPath, args: [join(dist, name)], env });
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for
  readonly body: any;
}

interface Asking {
  readonly token?: string | undefined;
  readonly json?: unknown;
}

async function call(method: string, path: string, { token, json }: Asking = {}): Promise<Answer> {
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(json !== undefined && { "content-type": "application/json" }),
    },
    ...(json !== undefined && { body: JSON.stringify(json) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text && JSON.parse(text) };
}

const login = (name: string, password = SEED_PASSWORD) =>
  call("POST", "/api/v1/auth/login/", { json: { email: `${name}@example.com`, password } });
const tokenOf = async (name: string): Promise<string> => (await login(name)).body.access_token;
const refresh = (refresh_token: string) =>
  call("POST", "/api/v1/token/refresh/", { json: { refresh_token } });
const published = async () => (await sql.query("select id from courses where status = 'published'")).rows;

describe("commands", () => {
  test("migrating and seeding again change nothing", async () => {
    expect(await command("migrate.js")).toContain("No migrations to run!");
    expect(await command("seed.js")).toBe("Seeded: 0 new users, 0 new courses.\n");
    expect((await sql.query("select count(*)::int from courses")).rows).toEqual([{ count: 3_000 }]);
  });
});

describe("logging in", () => {
  test("gives tokens, and tells a wrong password and an unknown user the same", async () => {
    const right = await login("Ivan");
    expect(right.body).toMatchObject({ token_type: "Bearer", expires_in: 900 });
    expect(right.headers.get("cache-control")).toBe("no-store");
    const [wrong, unknown] = [await login("ivan", "wrong"), await login("nobody", "wrong")];
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    const { request_id: _, ...said } = wrong.body;
    expect(unknown.body).toMatchObject(said);
  });

  test("a refresh token works once; used again, it ends the session of whoever holds its successor", async () => {
    const first = (await login("sam")).body.refresh_token;
    const other = (await login("sam")).body.refresh_token;
    const second = (await refresh(first)).body.refresh_token;
    expect((await refresh(first)).status).toBe(401);
    expect((await refresh(second)).status).toBe(401);
    expect((await refresh(other)).status).toBe(200); // another session of the same user goes on
  });

  test("of many that use one refresh token at once, one at most gets through", async () => {
    const { refresh_token } = (await login("sam")).body;
    const statuses = (await Promise.all(Array.from({ length: 8 }, () => refresh(refresh_token)))).map(
      ({ status }) => status,
    );
    expect(statuses.sort()).toEqual([200, 401, 401, 401, 401, 401, 401, 401]);
  });

  test("no token is stored as it is", async () => {
    const { refresh_token } = (await login("sam")).body;
    const { rows } = await sql.query("select token_hash from refresh_tokens");
    expect(rows.map(({ token_hash }) => token_hash.toString("base64url"))).not.toContain(refresh_token);
    const hash = createHash("sha256").update(refresh_token).digest("hex");
    expect(rows.map(({ token_hash }) => token_hash.toString("hex"))).toContain(hash);
  });
});

describe("a forgotten password", () => {
  const ask = (email: string) => call("POST", "/api/v1/password/reset/", { json: { email } });
  const confirm = (token: string, password: string) =>
    call("POST", "/api/v1/password/reset/confirm/", { json: { token, password } });
  const mails = () => readdir(join(scratch.folder, "mail")).catch(() => []);

  test("the answer does not tell who has an account; a mail goes to those who do", async () => {
    const unknown = await ask("nobody@example.com");
    const known = await ask("ines@example.com");
    expect([unknown.status, known.status]).toEqual([202, 202]);
    expect(unknown.body).toEqual(known.body);
    await until("a mail", async () => (await mails()).length > 0, { within: 5_000 });
    expect(await mails()).toHaveLength(1);
  });

  test("its token sets a new password once and ends the sessions begun with the old one", async () => {
    const session = (await login("ines")).body.refresh_token;
    const mail = await readFile(join(scratch.folder, "mail", (await mails())[0] ?? ""), "utf8");
    expect(mail).toMatch(/^To: ines@example\.com\n/);
    const token = /minutes: (\S+)/.exec(mail)?.[1] ?? "";
    expect((await confirm(token, "short")).status).toBe(400);
    expect((await confirm(token, "a new and longer one")).status).toBe(204);
    expect((await confirm(token, "a third, longer still")).status).toBe(400);
    expect((await login("ines")).status).toBe(401);
    expect((await login("ines", "a new and longer one")).status).toBe(200);
    expect((await refresh(session)).status).toBe(401);
  });
});

describe("courses", () => {
  const path = "/api/v1/courses/";
  const course = { title: "Seamanship", level: "beginner" };

  test("an instructor makes, publishes and deletes a course; others see it once it is published", async () => {
    const ivan = await tokenOf("ivan");
    const made = await call("POST", path, { token: ivan, json: course });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ ...course, summary: "", status: "draft" });
    const address = made.headers.get("location") ?? "";

    expect((await call("GET", address, { token: ivan })).body).toEqual(made.body);
    expect((await call("GET", address)).status).toBe(404);
    const changed = await call("PATCH", address, {
      token: ivan,
      json: { status: "published", summary: "Knots." },
    });
    expect(changed.body).toMatchObject({ ...course, status: "published", summary: "Knots." });
    expect(changed.body.updated_at > made.body.updated_at).toBe(true);
    expect((await call("GET", address)).body).toEqual(changed.body);

    const cleared = await call("PATCH", address, { token: ivan, json: { summary: "" } });
    expect(cleared.body.summary).toBe("");
    expect((await call("DELETE", address, { token: ivan })).status).toBe(204);
    expect((await call("DELETE", address, { token: ivan })).status).toBe(404);
  });

  test("only the owner and an admin may change it; a stranger's draft is not even there", async () => {
    const [ada, ivan, sam] = await Promise.all(["ada", "ivan", "sam"].map(tokenOf));
    expect((await call("POST", path, { token: sam, json: course })).status).toBe(403);
    const own = (await call("POST", path, { token: ada, json: course })).headers.get("location") ?? "";
    const patch = (token: string | undefined, json: object) => call("PATCH", own, { token, json });
    expect((await patch(ivan, { title: "Mine" })).status).toBe(404);
    expect((await patch(ada, { status: "published" })).status).toBe(200);
    expect((await patch(ivan, { title: "Mine" })).status).toBe(403);
    expect((await patch(sam, { title: "Mine" })).status).toBe(403);
    expect((await patch(undefined, { title: "Mine" })).status).toBe(401);
    expect((await call("DELETE", own, { token: ada })).status).toBe(204);
  });

  test("the pages of the list hold every course once, though the list grows meanwhile", async () => {
    const expected = (await published()).map(({ id }) => id);
    const ada = await tokenOf("ada");
    const seen: string[] = [];
    let next: string | null = null;
    do {
      const page: Answer = await call("GET", `${path}?limit=100${next ? `&cursor=${next}` : ""}`);
      seen.push(...page.body.items.map(({ id }: { id: string }) => id));
      next = page.body.next;
      if (seen.length === 300)
        await call("POST", path, { token: ada, json: { ...course, status: "published" } });
    } while (next);
    expect(seen).toHaveLength(expected.length);
    expect(new Set(seen)).toEqual(new Set(expected));
  });

  test("filters narrow the list, and what is typed is text, not a pattern", async () => {
    const ivan = SEED_USERS.find(({ name }) => name === "Ivan")?.id;
    const filtered = await call("GET", `${path}?level=advanced&owner_id=${ivan}&q=BOTANY&limit=100`);
    expect(filtered.body.items.length).toBe(0); // botany is taught by Ines
    const botany = await call("GET", `${path}?level=advanced&q=BOTANY&limit=5`);
    expect(botany.body.items).toHaveLength(5);
    for (const { level, title } of botany.body.items)
      expect([level, title]).toEqual(["advanced", expect.stringMatching(/Botany/)]);
    expect((await call("GET", `${path}?q=%25`)).body.items).toEqual([]);
    expect((await call("GET", `${path}?q=${encodeURIComponent("'; drop table courses; --")}`)).status).toBe(
      200,
    );
  });

  test("drafts are listed to their owner and to admins alone", async () => {
    const drafts = async (token?: string) => {
      const { body } = await call("GET", `${path}?limit=100`, { token });
      return body.items.filter(({ status }: { status: string }) => status === "draft").length;
    };
    expect(await drafts()).toBe(0);
    expect(await drafts(await tokenOf("sam"))).toBe(0);
    expect(await drafts(await tokenOf("ada"))).toBeGreaterThan(0);
  });

  test("connections that are cut are replaced", async () => {
    await sql.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'courses-api'",
    );
    await until("an answer", async () => (await call("GET", path)).status === 200, { within: 5_000 });
  });
});

describe("observing", () => {
  /** The log is written after the answer: it may take a moment. */
  const logged = (field: string, value: string) =>
    until(
      `a line with ${value}`,
      () => {
        const lines = server.lastLines().split("\n");
        return lines.map((line) => JSON.parse(line)).find((line) => line[field] === value);
      },
      { within: 5_000 },
    );

  test("a request is counted by its route and logged with its user, and a refusal is a security event", async () => {
    const ivan = SEED_USERS.find(({ name }) => name === "Ivan")?.id;
    const token = await tokenOf("ivan");
    const missing = await call("GET", `/api/v1/courses/${ivan}/`, { token });
    const refused = await login("ivan", "wrong");
    expect(await logged("request_id", missing.body.request_id)).toMatchObject({
      method: "GET",
      path_template: "/api/v1/courses/:id/",
      status: 404,
      user: ivan,
    });
    expect(await logged("http.request.id", refused.body.request_id)).toMatchObject({
      "event.action": "authn_login_fail",
    });
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(
      /^http_requests_total\{method="GET",path_template="\/api\/v1\/courses\/:id\/",status_code="404"\} [1-9]/m,
    );
  });
});

describe("uploads", () => {
  const kept = () => readdir(join(scratch.folder, "uploads")).catch(() => []);

  async function upload(body: Buffer, type: string, chunked = false): Promise<Answer> {
    const authorization = `Bearer ${await tokenOf("ivan")}`;
    const length = chunked ? {} : { "content-length": body.length };
    return new Promise((resolve, reject) => {
      const sent = httpRequest(`${url}/api/v1/upload/`, {
        method: "POST",
        headers: { authorization, "content-type": type, ...length },
      });
      sent.once("error", reject);
      sent.once("response", async (response) => {
        const text = (await response.toArray()).join("");
        const headers = new Headers(response.headers as Record<string, string>);
        resolve({ status: response.statusCode ?? 0, headers, body: JSON.parse(text) });
        sent.destroy();
      });
      sent.end(body);
    });
  }

  test("a file is kept byte for byte", async () => {
    const file = randomBytes(MAX_BYTES);
    const { status, body } = await upload(file, "image/png");
    expect(status).toBe(201);
    expect(body).toMatchObject({ bytes: MAX_BYTES, sha256: createHash("sha256").update(file).digest("hex") });
    expect(file.equals(await readFile(join(scratch.folder, "uploads", body.name)))).toBe(true);
  });

  test("one that is too large is a 413, announced or not, and one of another type a 415; none is kept", async () => {
    const before = await kept();
    const large = Buffer.alloc(MAX_BYTES + 1);
    const announced = await upload(large, "image/png");
    const streamed = await upload(large, "image/png", true);
    const script = await upload(Buffer.from("<script>"), "text/html");
    expect([announced.status, streamed.status, script.status]).toEqual([413, 413, 415]);
    expect(streamed.headers.get("content-type")).toContain("application/problem+json");
    expect(await kept()).toEqual(before);
  });

  test("one that breaks off leaves nothing behind", async () => {
    const before = await kept();
    const sent = httpRequest(`${url}/api/v1/upload/`, {
      method: "POST",
      headers: { authorization: `Bearer ${await tokenOf("ivan")}`, "content-type": "video/mp4" },
    });
    sent.on("error", () => {});
    sent.write(Buffer.alloc(100_000));
    await until("a partial file", async () => (await kept()).length > before.length, { within: 5_000 });
    sent.destroy();
    await until("it gone", async () => (await kept()).length === before.length, { within: 5_000 });
  });
});

describe("stopping", () => {
  /** A server of its own that answers each request after `slowMs`, told to stop while one is under way. */
  async function stopDuringRequest(slowMs: number, settings: Record<string, string>) {
    const child = spawn(process.execPath, [join(dist, "server.js")], {
      detached: true,
      env: { PATH: process.env.PATH ?? "", ...env, PORT: "0", ...settings },
      stdio: ["ignore", "pipe", "inherit"],
    });
    scratch.guard(child.pid ?? 0, "SIGKILL");
    const exit = new Promise<number | null>((resolve) => child.once("exit", resolve));
    let log = "";
    child.stdout.on("data", (text) => {
      log += text;
    });
    const address = await until("listening", () => /"address":"([^"]+)"/.exec(log)?.[1], { within: 10_000 });
    await fetch(`${address}/__faults/`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ slowMs }),
    });
    const underWay = fetch(`${address}/api/v1/courses/?limit=1`).then(
      ({ status }) => status,
      () => "cut off",
    );
    await new Promise((resolve) => setTimeout(resolve, 100)); // on its way
    child.kill("SIGTERM");
    await until("stopping", () => log.includes('"stopping"'), { within: 2_000 });
    const late = await fetch(`${address}/readyz`).then(
      ({ status }) => status,
      () => "refused",
    );
    const result = { underWay: await underWay, late, exit: await exit };
    scratch.release(child.pid ?? 0);
    return result;
  }

  test("what is under way is answered, nothing new is taken, and the exit code is 0", async () => {
    expect(await stopDuringRequest(700, {})).toEqual({ underWay: 200, late: "refused", exit: 0 });
  });

  test("a load balancer is told first, and given time to notice", async () => {
    const result = await stopDuringRequest(300, { DRAIN_MS: "1500" });
    expect(result).toEqual({ underWay: 200, late: 503, exit: 0 });
  });

  test("what takes longer than the deadline is cut off, and the exit code says so", async () => {
    expect(await stopDuringRequest(30_000, { SHUTDOWN_TIMEOUT_MS: "300" })).toEqual({
      underWay: "cut off",
      late: "refused",
      exit: 1,
    });
  });
});
