import { SeakeepError } from "@seakeep/contract";
import { describe, expect, it, test } from "vitest";
import { completeManifest, type ManifestBody, parseManifest, renderManifest } from "./manifest.ts";

const HASH = "a".repeat(64);

const BODY: ManifestBody = {
  ...{
    format: 2,
    id: "b000042-20261123t063000z-7f3a",
    sequence: 42,
    service: "courses",
    tool: "seakeep 0.1.0",
  },
  engine: "pg-dump",
  database: { name: "app", system: "7711261619519259016", version: 150018, encoding: "UTF8", collation: "C" },
  snapshotAt: "2026-11-23T06:30:00.000Z",
  startedAt: "2026-11-23T06:29:59.000Z",
  finishedAt: "2026-11-23T06:31:00.000Z",
  files: [
    {
      ...{ name: "archive.dump", key: "courses/backups/b000042-20261123t063000z-7f3a/archive.dump" },
      ...{ bytes: 17, partBytes: 16, parts: [HASH, HASH] },
      ...{ plainBytes: 40, compression: "zstd" },
    },
  ],
  contents: {
    tables: [{ schema: "public", name: "ü", rows: 1, bytes: 2, sha256: HASH }],
    sequences: [{ schema: "public", name: "s", value: "-9223372036854775808", called: false }],
    largeObjects: { count: 0, bytes: 0, sha256: HASH },
    objects: [{ kind: "TABLE", count: 1 }],
    extensions: [{ name: "plpgsql", version: "1.0" }],
    roles: ["amy"],
  },
  retention: { keep: { daily: 7, within: "30d" } },
};

/** A manifest with a change, and a checksum that fits it: what somebody with access to the store can write. */
const forged = (change: object): string =>
  renderManifest(completeManifest({ ...BODY, ...change } as ManifestBody));

const nest = (depth: number): unknown => JSON.parse(`${"[".repeat(depth)}${"]".repeat(depth)}`);

describe("a manifest", () => {
  it("comes back as it was written", () => {
    const manifest = completeManifest(BODY);
    expect(parseManifest(renderManifest(manifest))).toEqual(manifest);
  });

  it("has the same checksum whatever the order of its keys", () => {
    const reversed = Object.fromEntries(Object.entries(BODY).reverse()) as unknown as ManifestBody;
    expect(completeManifest(reversed).checksum).toBe(completeManifest(BODY).checksum);
  });

  it("may hold what a later version adds, under the same checksum", () => {
    const text = forged({ later: { added: [1] } });
    expect(parseManifest(text)).toMatchObject({ id: BODY.id });
    expect(() => parseManifest(text.replace("later", "faker"))).toThrow("checksum");
  });

  test.each([
    ["a space at its end", (text: string) => `${text} `],
    ["no last line break", (text: string) => text.trimEnd()],
    ["itself in one line", (text: string) => JSON.stringify(JSON.parse(text))],
    ["a tab for a space", (text: string) => text.replace(" ", "\t")],
    ["a key twice", (text: string) => text.replace("{", `{"format": 1,`)],
    ["a letter spelled as its number", (text: string) => text.replace("ü", "\\u00fc")],
  ])("is damaged by %s, though every value is the same", (_, harm) => {
    const text = renderManifest(completeManifest(BODY));
    expect(harm(text)).not.toBe(text);
    expect(() => parseManifest(harm(text))).toThrow("laid out");
  });

  it("is not one any more when any of its characters changed", () => {
    const text = renderManifest(completeManifest(BODY));
    let refused = 0;
    for (let at = 0; at < text.length; at++) {
      if (/\s/.test(text[at]!)) continue;
      const changed = `${text.slice(0, at)}${text[at] === "7" ? "8" : "7"}${text.slice(at + 1)}`;
      expect(() => parseManifest(changed), changed.slice(at - 20, at + 5)).toThrow("SK-MANIFEST-001");
      refused++;
    }
    expect(refused).toBeGreaterThan(1000);
  });

  const file = BODY.files[0]!;
  test.each([
    ["no JSON", "{", "not JSON"],
    ["no object", "null", "a manifest"],
    ["a nest of lists", `${"[".repeat(100_000)}${"]".repeat(100_000)}`, "SK-MANIFEST-001"],
    ["another format", forged({ format: 3 }), "format"],
    ["format 1 without its hashes", forged({ format: 1 }), "hashes of format 1"],
    [
      "pieces that are not the whole",
      forged({ files: [{ ...file, pieces: [16, 2] }] }),
      "pieces of archive.dump",
    ],
    ["a piece of nothing", forged({ files: [{ ...file, pieces: [17, 0] }] }), "files[0].pieces"],
    ["a negative size", forged({ files: [{ ...file, bytes: -1 }] }), "files[0].bytes"],
    ["a size beyond counting", forged({ files: [{ ...file, bytes: 1e300 }] }), "files[0].bytes"],
    ["a key that climbs", forged({ files: [{ ...file, key: "a/../../etc/passwd" }] }), "files[0].key"],
    ["an absolute key", forged({ files: [{ ...file, key: "/etc/passwd" }] }), "files[0].key"],
    ["a name that is a path", forged({ files: [{ ...file, name: "../x" }] }), "files[0].name"],
    ["a part too few", forged({ files: [{ ...file, parts: [HASH] }] }), "1 parts"],
    ["a file twice", forged({ files: [file, file] }), "twice"],
    ["no files", forged({ files: [] }), "at least one file"],
    [
      "a hash that is none",
      forged({ files: [{ ...file, parts: [HASH, "A".repeat(64)] }] }),
      "files[0].parts",
    ],
    ["a time that does not exist", forged({ snapshotAt: "2026-13-01T00:00:00Z" }), "snapshotAt"],
    ["deep unknown keys", renderManifest({ ...completeManifest(BODY), ...{ x: nest(40) } }), "nested"],
  ])("refuses %s", (_, text, message) => {
    const parse = () => parseManifest(text);
    expect(parse).toThrow(SeakeepError);
    expect(parse).toThrow("SK-MANIFEST-001");
    expect(parse).toThrow(message);
  });
});
