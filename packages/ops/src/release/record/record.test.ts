import { createHash, generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type MemoryStore, memoryStore } from "../../../test/backup/memory-store.ts";
import { readChain } from "../../backup/chain.ts";
import { type Evidence, parseEvidence } from "./evidence.ts";
import { parseSigner, parseSigningKey } from "./keys.ts";
import { RECORDS } from "./record.ts";
import { headOf, type Sealed, type Sealing, seal } from "./seal.ts";
import { type Trust, verifyRecords } from "./verify.ts";

const pair = () => {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const pem = String(privateKey.export({ type: "pkcs8", format: "pem" }));
  const spki = String(publicKey.export({ type: "spki", format: "pem" }));
  return { pem, spki, key: parseSigningKey(pem), signer: parseSigner(spki, "a key") };
};
const ours = pair();
const theirs = pair();

const CHECK: Evidence = {
  ...{ kind: "release check", service: { name: "shop" }, version: "v1", verdict: "passed" },
  gates: [
    { name: "tree", verdict: "passed", reason: "v1 is commit a." },
    {
      ...{ name: "drill", verdict: "unknown", reason: "No | drill." },
      exception: { kind: "waived", reason: "none <yet>", by: "ada" },
    },
  ],
};

const sealIn = (store: MemoryStore, more: Partial<Sealing> = {}): Promise<Sealed> =>
  seal(store, {
    ...{ service: "shop", version: "v1", by: { name: "ada", from: "user" }, tool: "seakeep test" },
    ...{ evidence: CHECK, secrets: new Map(), key: ours.key },
    ...more,
  });

async function three(more: Partial<Sealing> = {}) {
  const store = memoryStore();
  const sealed = [await sealIn(store, more), await sealIn(store, more), await sealIn(store, more)];
  return { store, heads: sealed.map(({ link }) => headOf(link)) };
}

const verify = async (store: MemoryStore, trust: Partial<Trust> = {}) =>
  verifyRecords(await readChain(store, "shop", RECORDS), {
    service: "shop",
    signers: [ours.signer],
    ...trust,
  });

/** Puts another text in the place of a record. */
function forge(store: MemoryStore, number: number, change: (text: string) => string): void {
  const key = `shop/releases/r00000${number}.json`;
  const { bytes, modified } = store.objects.get(key)!;
  store.objects.set(key, { bytes: Buffer.from(change(bytes.toString())), modified });
}

describe("a record", () => {
  it("is numbered, bound to the one before, signed, and told to people", async () => {
    const { store, heads } = await three();
    expect(store.keys()).toEqual(
      [1, 2, 3].flatMap((number) => [
        `shop/releases/r00000${number}.json`,
        `shop/releases/r00000${number}.md`,
      ]),
    );
    const text = store.objects.get("shop/releases/r000002.json")!.bytes.toString();
    expect(JSON.parse(text)).toMatchObject({ number: 2, decision: "ship", version: "v1", evidence: CHECK });
    expect(JSON.parse(text).previous).toBe(heads[0]?.split("@")[1]);
    expect(heads[1]).toBe(`r000002@${createHash("sha256").update(text).digest("hex")}`);
    const page = store.objects.get("shop/releases/r000002.md")!.bytes.toString();
    expect(page).toContain("| Decision");
    expect(page).toContain("? unknown");
    expect(page).toContain("No \\| drill. *waived by ada:* none &lt;yet>");
    expect(await verify(store)).toMatchObject({ verdict: "passed", records: 3, signed: 3, head: heads[2] });
  });

  it("says in a few words what was decided", async () => {
    const store = memoryStore();
    const decisions = [
      CHECK,
      { ...CHECK, verdict: "failed" },
      { ...CHECK, verdict: "unknown" },
      { ...CHECK, kind: "release verify" },
      { ...CHECK, kind: "release verify", verdict: "failed" },
      { kind: "rollback advise", decision: "roll-back-app" },
    ] as const;
    const words: string[] = [];
    for (const evidence of decisions) words.push((await sealIn(store, { evidence })).link.document.decision);
    expect(words).toEqual(["ship", "do not ship", "could not tell", "keep", "do not keep", "roll-back-app"]);
  });

  it("holds no secret, however it is spelled", async () => {
    const store = memoryStore();
    for (const value of ["hunter2-secret", 'with "quotes" in it', "a/b?c=d e"]) {
      for (const spelled of [value, encodeURIComponent(value)]) {
        const evidence = { ...CHECK, note: `it is ${spelled}` };
        await expect(sealIn(store, { evidence, secrets: new Map([["TOKEN", value]]) })).rejects.toThrow(
          /SK-RELEASE-005: The value of TOKEN/,
        );
      }
    }
    expect(store.keys()).toEqual([]);
  });

  it("is not written when the chain that it would follow is not the one that was meant", async () => {
    const { store } = await three();
    const follows = ({ last }: { readonly last: number }) => {
      if (last !== 2) throw new Error(`it would follow ${last}`);
    };
    await expect(sealIn(store, { follows })).rejects.toThrow("it would follow 3");
    expect(store.keys()).toHaveLength(6);
  });

  it("takes the next number when somebody was faster", async () => {
    const store = memoryStore();
    const both = await Promise.all([sealIn(store), sealIn(store)]);
    expect(both.map(({ link }) => link.number).sort()).toEqual([1, 2]);
    expect((await verify(store)).verdict).toBe("passed");
  });
});

describe("verifying", () => {
  it.each<[string, number, (text: string) => string]>([
    ["a changed decision", 2, (text) => text.replace('"ship"', '"do not ship"')],
    ["a changed reason in the evidence", 3, (text) => text.replace("none <yet>", "none")],
    ["a signature of somebody else", 3, (text) => RECORDS.render(theirs.key.sign(RECORDS.parse(text)!))],
    [
      "a signature that was taken away",
      3,
      (text) => RECORDS.render({ ...RECORDS.parse(text)!, signature: null }),
    ],
    ["a key that stands twice", 3, (text) => text.replace('  "at"', '  "decision": "do not ship",\n  "at"')],
    ["a space more", 3, (text) => `${text} `],
    ["no record at all", 1, () => "{}"],
  ])("finds %s", async (_what, number, change) => {
    const { store } = await three();
    forge(store, number, change);
    const { verdict, problems } = await verify(store);
    expect(verdict).toBe("failed");
    expect(problems).not.toEqual([]);
  });

  it("finds what was taken away: between its ends by itself, at the end by a head that is remembered", async () => {
    const { store, heads } = await three();
    store.objects.delete("shop/releases/r000003.json");
    expect(await verify(store)).toMatchObject({
      verdict: "passed",
      notes: [expect.stringContaining("--head")],
    });
    expect(await verify(store, { head: heads[2] })).toMatchObject({
      verdict: "failed",
      problems: ["r000003, which is remembered, is not there"],
    });
    store.objects.delete("shop/releases/r000001.json");
    expect((await verify(store)).problems).toContain("r000001 is missing");
  });

  it("finds a chain that was written anew, by the signatures or by a head", async () => {
    const { heads } = await three();
    const { store } = await three({ key: theirs.key, by: { name: "mallory", from: "user" } });
    expect((await verify(store)).verdict).toBe("failed");
    expect((await verify(store, { signers: [], head: heads[2] })).verdict).toBe("failed");
    expect((await verify(store, { signers: [ours.signer, theirs.signer] })).verdict).toBe("passed");
  });

  it("finds the chain of another service, signed with the same key, in the place of this one", async () => {
    const { store, heads } = await three({ service: "blog" });
    for (const [key, object] of [...store.objects]) store.objects.set(key.replace("blog/", "shop/"), object);
    const { verdict, problems } = await verify(store, { head: heads[2] });
    expect(verdict).toBe("failed");
    expect(problems).toEqual([1, 2, 3].map((number) => `r00000${number} is of "blog"`));
  });

  it("cannot tell without a key or a head, and says what it cannot see", async () => {
    const { store, heads } = await three({ key: undefined });
    expect(await verify(store, { signers: [] })).toMatchObject({ verdict: "unknown", records: 3, signed: 0 });
    expect((await verify(store)).problems[0]).toBe("r000001 is not signed");
    expect((await verify(store, { signers: [], head: heads[2] })).verdict).toBe("passed");
    expect(await verify(store, { signers: [], head: heads[1] })).toMatchObject({
      verdict: "unknown",
      reason: expect.stringContaining("what follows r000002"),
    });
    // Signing began later: what is remembered needs no signature.
    await sealIn(store);
    expect((await verify(store, { head: heads[2] })).verdict).toBe("passed");
  });

  it("passes nothing when there is nothing", async () => {
    expect((await verify(memoryStore())).verdict).toBe("unknown");
    expect((await verify(memoryStore(), { head: "r000001@00" })).verdict).toBe("failed");
  });
});

describe("evidence", () => {
  it("is one document of a verb, of this service, and not recorded yet", () => {
    expect(parseEvidence(JSON.stringify(CHECK), "check.json", "shop")).toEqual(CHECK);
    const bad: readonly [string, string][] = [
      ["", "is not one JSON document"],
      ["[]", "is no evidence"],
      ["null", "is no evidence"],
      [JSON.stringify({ ...CHECK, kind: "hello" }), "is none of release check, release verify"],
      [JSON.stringify({ ...CHECK, service: { name: "blog" } }), "is not of shop"],
      [JSON.stringify({ ...CHECK, record: { name: "r000001" } }), "is recorded already, as r000001"],
      [JSON.stringify({ ...CHECK, note: "x".repeat(2 ** 20) }), "is too large"],
    ];
    for (const [text, says] of bad) expect(() => parseEvidence(text, "check.json", "shop")).toThrow(says);
  });
});

describe("a key", () => {
  it("is taken as PEM or as the line between its dashes", () => {
    const line = (pem: string) => pem.replace(/-----.*?-----|\s/g, "");
    expect(parseSigningKey(line(ours.pem)).id).toBe(ours.key.id);
    expect(parseSigner(line(ours.spki), "a key").id).toBe(ours.key.id);
  });

  it("of another kind is refused, and nothing of it shown", () => {
    const rsa = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const bad = [
      String(rsa.privateKey.export({ type: "pkcs8", format: "pem" })),
      ours.spki,
      "hunter2-secret",
      "",
    ];
    for (const text of bad) {
      expect(() => parseSigningKey(text)).toThrow(/SK-RELEASE-006: SEAKEEP_SIGNING_KEY is no private key/);
    }
    for (const text of [ours.pem, "hunter2-secret"]) {
      expect(() => parseSigner(text, "a.pem")).toThrow(/SK-RELEASE-006: a.pem is no public key/);
      try {
        parseSigner(text, "a.pem");
      } catch (error) {
        expect(JSON.stringify(error) + String(error)).not.toContain("hunter2");
      }
    }
  });
});
