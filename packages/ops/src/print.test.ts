import { describe, expect, it } from "vitest";
import { createOutput, type Environment, type Sink } from "./print.ts";

function sink(isTTY = false): Sink & { text: string } {
  return {
    text: "",
    isTTY,
    write(text) {
      this.text += text;
    },
  };
}

function output(options: { tty?: boolean; json?: boolean; environment?: Environment } = {}) {
  const stdout = sink(options.tty);
  const stderr = sink(options.tty);
  const { environment = {}, json = false } = options;
  return { stdout, stderr, ...createOutput({ stdout, stderr, environment }, json) };
}

describe("createOutput", () => {
  it("prints text on standard output and notes on standard error, each ending its line", () => {
    const { stdout, stderr, result, note } = output();
    result({ a: 1 }, () => "one");
    note("two");
    expect([stdout.text, stderr.text]).toEqual(["one\n", "two\n"]);
  });

  it("prints the document instead of the text under --json", () => {
    const { stdout, result } = output({ json: true });
    result({ a: [1] }, () => "one");
    expect(JSON.parse(stdout.text)).toEqual({ a: [1] });
  });

  it.each<[name: string, environment: Environment, tty: boolean, coloured: boolean]>([
    ["a terminal", {}, true, true],
    ["a pipe", {}, false, false],
    ["NO_COLOR", { NO_COLOR: "1" }, true, false],
    ["an empty NO_COLOR, which does not count", { NO_COLOR: "" }, true, true],
    ["a dumb terminal", { TERM: "dumb" }, true, false],
  ])("decides on colour for %s", (_name, environment, tty, coloured) => {
    const { paint } = output({ environment, tty });
    expect(paint("red", "x")).toBe(coloured ? "\u001b[31mx\u001b[39m" : "x");
  });

  it("is interactive only where a person watches", () => {
    expect([output({ tty: true }).interactive, output().interactive]).toEqual([true, false]);
  });
});
