/** One sample of a scrape. */
export interface ScrapedSample {
  readonly metric: string;
  /** As the target exposed them. */
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What is scraped. */
export interface TargetIdentity {
  readonly job: string;
  readonly instance: string;
  /** On each of its series. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** Labels as they are stored: in order, so that the same ones are the same text. */
export function labelsText(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))));
}
