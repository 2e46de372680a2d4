import { describe } from "vitest";
import { conforms } from "./conformance.testkit.ts";
import { BEGINNING, HISTORIES, INTERVAL } from "./histories.testkit.ts";
import { longestGap, questions, type SampleSource } from "./source.ts";

/** The histories as they are: what every source is compared with. */
const histories: SampleSource = {
  async *pieces({ metric, labels = {} }, { from, to }, signal) {
    for (const series of HISTORIES.flatMap((history) => history.series)) {
      signal?.throwIfAborted();
      if (series.metric !== metric) continue;
      const fits = Object.entries(labels).every(([name, wanted]) =>
        [wanted].flat().includes(series.labels[name] ?? ""),
      );
      if (!fits) continue;
      const points = series.points
        .map(([seconds, value]) => [BEGINNING + Math.round(seconds * 1000), value] as const)
        .filter(([time]) => time >= from.getTime() && time < to.getTime());
      // In pieces of three, for a source may cut where it likes.
      for (let start = 0; start < points.length; start += 3) {
        const piece = points.slice(start, start + 3);
        yield {
          labels: series.labels,
          times: piece.map(([time]) => time),
          values: piece.map(([, value]) => value),
        };
      }
    }
  },
};

describe("samples", () =>
  conforms(async () => ({
    kind: "histories",
    ...questions(histories, longestGap(INTERVAL * 1000)),
    firing: async () => undefined,
    close: async () => {},
  })));
