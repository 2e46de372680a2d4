/** Where text goes: the part of a Node stream that printing needs. */
export interface Sink {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

/** The environment variables, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

type Colour = "red" | "green" | "yellow" | "bold" | "dim";

const SGR: Readonly<Record<Colour, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
};

/** Colours a piece of text, or leaves it as it is. */
export type Paint = (colour: Colour, text: string) => string;

/**
 * What a verb prints. Standard output carries the result and nothing else; progress, notes and errors go to standard
 * error, so that a pipe or a `--json` reader never meets them.
 */
export interface Output {
  /** True when the result is to be one JSON document. */
  readonly json: boolean;
  /** True when a person watches standard error: progress bars make sense, prompts are possible. */
  readonly interactive: boolean;
  /** For standard output. */
  readonly paint: Paint;
  /** For standard error. */
  readonly paintNote: Paint;
  /** The result: the document under `--json`, else the text. Call it once. */
  result(document: unknown, text: () => string): void;
  /** One of many results, as they come: a line of JSON under `--json`, else the text. */
  item(document: unknown, text: () => string): void;
  /** One line for people, on standard error. */
  note(text: string): void;
  /** A line that stands in place of the last status; nothing where nobody watches. The empty text takes it away. */
  status(text: string): void;
}

/** Builds the output of one run. Colour only on a terminal, and never under `NO_COLOR` (https://no-color.org). */
export function createOutput(
  { stdout, stderr, environment }: { stdout: Sink; stderr: Sink; environment: Environment },
  json: boolean,
): Output {
  const interactive = stderr.isTTY === true;
  let status = "";
  const show = (text: string) => {
    if (!interactive || text === status) return;
    // Back to the margin, and away with what stood there.
    stderr.write(`\r\u001b[K${text}`);
    status = text;
  };
  return {
    json,
    interactive,
    paint: painter(stdout, environment),
    paintNote: painter(stderr, environment),
    result(document, text) {
      show("");
      stdout.write(withNewline(json ? JSON.stringify(document, undefined, 2) : text()));
    },
    item(document, text) {
      show("");
      stdout.write(withNewline(json ? JSON.stringify(document) : text()));
    },
    note(text) {
      show("");
      stderr.write(withNewline(text));
    },
    status: show,
  };
}

function painter(sink: Sink, environment: Environment): Paint {
  const plain = Boolean(environment.NO_COLOR) || environment.TERM === "dumb" || sink.isTTY !== true;
  if (plain) return (_colour, text) => text;
  return (colour, text) => `\u001b[${SGR[colour][0]}m${text}\u001b[${SGR[colour][1]}m`;
}

function withNewline(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}
