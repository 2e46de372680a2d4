import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { service } from "../conformance.testkit.ts";
import { observe, requestId } from "./index.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

const quiet = { log: false, environment: {} } as const;

test("observing an observed listener is an error", () => {
  const observed = observe(service, () => {}, quiet);
  expect(() => observe(service, observed, quiet)).toThrow("SK-RUNTIME-002");
});

test("what the listener throws or returns goes where it went before", () => {
  const request = { url: "/", method: "GET", headers: {}, socket: {} } as IncomingMessage;
  const response = { on() {}, setHeader() {} } as unknown as ServerResponse;
  const failing = () => {
    throw new Error("as thrown");
  };
  expect(() => observe(service, failing, quiet)(request, response)).toThrow("as thrown");
  const self = { a: "server" };
  function returning(this: unknown) {
    return this;
  }
  expect(observe(service, returning, quiet).call(self, { ...request } as IncomingMessage, response)).toBe(
    self,
  );
});

test("a fault while recording is counted, and the request neither knows nor stays in flight", async () => {
  const listener = (_req: IncomingMessage, res: ServerResponse) => {
    Object.defineProperty(res, "writableFinished", {
      get() {
        throw new Error("as a broken wrapper might");
      },
    });
    res.end("fine");
  };
  const observed = observe(service, listener, quiet);
  const server = createServer(observed);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => server.close());
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect(await (await fetch(`${origin}/hello`)).text()).toBe("fine");
  await vi.waitFor(() => expect(observed.inFlight).toBe(0));
  const page = await (await fetch(`${origin}/metrics`)).text();
  expect(page).toContain('seakeep_internal_errors_total{part="exchange"} 1\n');
});

test("the request's id can be asked for", async () => {
  const server = createServer(observe(service, (req, res) => res.end(requestId(req)), quiet));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => server.close());
  const reply = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hello`);
  expect(await reply.text()).toBe(reply.headers.get("x-request-id"));
  expect(requestId({ headers: {} } as IncomingMessage)).toBeUndefined();
});

test("parser errors are counted where the server answers them itself, which goes on undisturbed", async () => {
  const lines: string[] = [];
  const log = { write: (line: string) => void lines.push(line) };
  const observed = observe(service, (_req, res) => res.end(), { log, environment: {} });
  const server = createServer(observed);
  const answered = vi.fn();
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    answered(error.code);
    socket.end("HTTP/1.1 400 Mine\r\n\r\n");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  closers.push(() => server.close());
  await fetch(`http://127.0.0.1:${port}/hello`, { headers: { connection: "close" } });
  const client = connect(port, "127.0.0.1");
  client.write("GARBAGE\r\n\r\n");
  const reply = await new Promise<string>((resolve) => client.once("data", (data) => resolve(String(data))));
  client.destroy();
  expect(reply).toBe("HTTP/1.1 400 Mine\r\n\r\n");
  expect(answered).toHaveBeenCalledWith(expect.stringMatching(/^HPE_/));
  expect(JSON.parse(lines.at(-1)!)).toMatchObject({ method: "_OTHER", status: 400, ip: "127.0.0.1" });
});
