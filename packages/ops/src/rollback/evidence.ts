import type { Answer, Dimension, Evidence } from "./dimensions.ts";

/** An answer, and what it rests on. */
export interface Finding<D extends Dimension = Dimension> {
  readonly answer: Answer<D>;
  /** What was seen, a sentence without its full stop. */
  readonly saw: string;
}

/** What was found out of each question. */
export type Findings = { readonly [D in Dimension]: Finding<D> };

/** The answers alone. */
export function evidenceOf(findings: Findings): Evidence {
  return Object.fromEntries(
    Object.entries(findings).map(([dimension, { answer }]) => [dimension, answer]),
  ) as unknown as Evidence;
}

/** Nothing was found out, and why. */
export function unknown(saw: string): { readonly answer: "unknown"; readonly saw: string } {
  return { answer: "unknown", saw };
}

/** One part that cannot be looked at is not known; it must not hide what the others show. */
export async function orUnknown<F extends { readonly answer: string; readonly saw: string }>(
  look: () => Promise<F>,
  signal: AbortSignal,
): Promise<F | ReturnType<typeof unknown>> {
  try {
    return await look();
  } catch (error) {
    signal.throwIfAborted();
    const { what, message } = error as { readonly what?: string; readonly message: string };
    return unknown((what ?? message).trim().replace(/\.$/, "").slice(0, 300));
  }
}
