import fc from "fast-check";
import { expect, it } from "vitest";
import { merge } from "./loss.ts";

async function* list(values: readonly string[]): AsyncGenerator<string, void> {
  yield* values;
}

it("counts what each of two sorted lists has more, equal entries one by one", async () => {
  const words = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(words, words, async (ours, theirs) => {
      const count = (of: readonly string[], word: string) => of.filter((other) => other === word).length;
      const more = (of: readonly string[], than: readonly string[]) =>
        ["a", "b", "c", "d"].reduce((sum, word) => sum + Math.max(0, count(of, word) - count(than, word)), 0);
      const sorted = (of: readonly string[]) => list(of.toSorted());
      expect(await merge(sorted(ours), sorted(theirs), new AbortController().signal)).toEqual({
        lost: more(ours, theirs),
        back: more(theirs, ours),
      });
    }),
  );
});
