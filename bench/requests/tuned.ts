import { type DestinationStream, destination } from "pino";

/** Standard output as pino's documentation has it for speed: buffered, at the price of lines lost in a crash. */
export function buffered(): DestinationStream {
  return destination({ dest: 1, minLength: 4096, sync: false });
}
