/** What a scrape returned. */
export interface Scraped {
  /** Lines that are samples. */
  readonly series: number;
  readonly bytes: number;
}

const NEWLINE = 10;
const HASH = 35;

/** Scrapes as Prometheus does, and counts samples as they stream by: the page may be larger than a string can be. */
export async function scrape(port: number): Promise<Scraped> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  if (!response.ok || response.body === null) throw new Error(`The scrape was answered ${response.status}.`);
  let series = 0;
  let bytes = 0;
  let atStart = true;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    for (const byte of chunk) {
      if (atStart && byte !== HASH && byte !== NEWLINE) series++;
      atStart = byte === NEWLINE;
    }
  }
  return { series, bytes };
}
