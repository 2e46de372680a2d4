/**
 * Reads at most once at a time and once in a while, whoever asks how often: a scraper must not turn into load on a store.
 *
 * @param read its failure is kept as long as its result
 * @param age milliseconds that an answer lasts
 * @param now monotonic, milliseconds
 */
export function cached<T>(read: () => Promise<T>, age: number, now: () => number): () => Promise<T> {
  let answer: Promise<T> | undefined;
  let settled: number | undefined;
  return () => {
    if (answer === undefined || (settled !== undefined && now() - settled >= age)) {
      settled = undefined;
      answer = read().finally(() => {
        settled = now();
      });
    }
    return answer;
  };
}
