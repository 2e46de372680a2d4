import fc from "fast-check";
import { expect, it } from "vitest";
import { CopyWire } from "./copy-wire.ts";

function message(kind: string, payload: string | Buffer = ""): Buffer {
  const head = Buffer.alloc(5, kind);
  head.writeUInt32BE(Buffer.byteLength(payload) + 4, 1);
  return Buffer.concat([head, Buffer.from(payload)]);
}

/** Feeds it in pieces as a socket does, which asks for room before it knows whether the rows were handed over meanwhile. */
function feed(wire: CopyWire, bytes: Buffer, size: number, handOverAt: (piece: number) => number): Buffer {
  wire.begin();
  const text: Buffer[] = [];
  const handOver = () => text.push(Buffer.from(wire.handOver()));
  let room = wire.room();
  for (let from = 0, piece = 0; from < bytes.length; piece++) {
    for (let times = handOverAt(piece); times > 0; times--) handOver();
    const length = Math.min(size, room.length, bytes.length - from);
    room.set(bytes.subarray(from, from + length));
    wire.take(length);
    from += length;
    // What was handed over must not change while more is read.
    room = wire.room();
    if (wire.full) handOver();
  }
  handOver();
  return Buffer.concat(text);
}

it("takes rows out, and passes on the rest, however the bytes are cut", () => {
  const row = fc.string({ maxLength: 30 }).map((text) => ["d", text] as const);
  const other = fc.tuple(fc.constantFrom("C", "Z", "E", "N", "S"), fc.string({ maxLength: 20 }));
  const messages = fc.array(fc.oneof({ weight: 4, arbitrary: row }, other), { maxLength: 40 });
  const cuts = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(messages, fc.integer({ min: 1, max: 60 }), cuts, (sent, size, handOvers) => {
      const passed: Buffer[] = [];
      const wire = new CopyWire({
        onMessages: (bytes) => passed.push(Buffer.from(bytes)),
        onCopyIn: () => {},
      });
      const copy = sent.map(([kind, payload]) => message(kind, payload));
      const bytes = Buffer.concat([message("H", "..."), ...copy, message("c")]);
      const text = feed(wire, bytes, size, (piece) => handOvers[piece % handOvers.length]!);
      const rows = sent.filter(([kind]) => kind === "d");
      expect(text.toString()).toBe(rows.map(([, payload]) => payload).join(""));
      expect(wire.rows).toBe(rows.length);
      const others = sent.filter(([kind]) => kind !== "d").map(([kind, payload]) => message(kind, payload));
      expect(Buffer.concat(passed)).toEqual(Buffer.concat(others));
    }),
  );
});

it("takes rows longer than its buffers in parts", () => {
  const long = Buffer.alloc(3_000_000, "0123456789");
  const wire = new CopyWire({ onMessages: () => {}, onCopyIn: () => {} });
  const bytes = Buffer.concat([message("d", "a\n"), message("d", long), message("d", "z\n")]);
  const text = feed(wire, bytes, 1_000_000, () => 0);
  expect(text.equals(Buffer.concat([Buffer.from("a\n"), long, Buffer.from("z\n")]))).toBe(true);
  expect(wire.rows).toBe(3);
});

it("hears answers before rows are asked for, and a message that is under way when they are", () => {
  const passed: Buffer[] = [];
  const wire = new CopyWire({ onMessages: (bytes) => passed.push(Buffer.from(bytes)), onCopyIn: () => {} });
  const answers = Buffer.concat([message("C", "SET"), message("Z", "I"), message("N", "x".repeat(50_000))]);
  const send = (bytes: Buffer) => {
    for (let from = 0; from < bytes.length; ) {
      const room = wire.room();
      const length = Math.min(room.length, bytes.length - from);
      room.set(bytes.subarray(from, from + length));
      wire.take(length);
      from += length;
    }
  };
  send(answers.subarray(0, answers.length - 10));
  wire.begin();
  send(answers.subarray(answers.length - 10));
  send(message("d", "1\n"));
  expect(Buffer.concat(passed)).toEqual(answers);
  expect(Buffer.from(wire.handOver()).toString()).toBe("1\n");
});

it("tells when the server waits for rows", () => {
  let asked = 0;
  const wire = new CopyWire({ onMessages: () => {}, onCopyIn: () => asked++ });
  feed(wire, message("G", "..."), 3, () => 0);
  expect(asked).toBe(1);
});
