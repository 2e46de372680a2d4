import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { get, Load } from "./load.ts";

let server: Server;
let load: Load;

async function serve(listener: RequestListener): Promise<void> {
  server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  load = new Load((server.address() as AddressInfo).port, 3);
}

afterEach(() => {
  load.close();
  server.close();
});

test("sends exactly as many requests as it was told to, each as given", async () => {
  const paths: (string | undefined)[] = [];
  await serve((request, response) => {
    paths.push(request.url);
    response.setHeader("Content-Length", 2).end("ok");
  });
  await load.send(7, (index) => get(`/${index}`));
  await load.send(2, (index) => get(`/again-${index}`));
  expect(paths.toSorted()).toEqual(["/0", "/1", "/2", "/3", "/4", "/5", "/6", "/again-0", "/again-1"]);
});

test("waits for the whole of a response that arrives in pieces", async () => {
  let ended = 0;
  await serve((_request, response) => {
    response.writeHead(200, { "Content-Length": 4 });
    response.write("ab");
    setTimeout(() => {
      ended++;
      response.end("cd");
    }, 5);
  });
  await load.send(6, () => get("/"));
  expect(ended).toBe(6);
});

test("an unexpected status is an error, not a result", async () => {
  await serve((_request, response) => response.writeHead(500, { "Content-Length": 0 }).end());
  await expect(load.send(1, () => get("/courses"))).rejects.toThrow("Wanted 200 for GET /courses");
});

test("a connection that is closed is an error", async () => {
  await serve((request) => request.socket.end());
  await expect(load.send(1, () => get("/"))).rejects.toThrow("closed a keep-alive connection");
});
