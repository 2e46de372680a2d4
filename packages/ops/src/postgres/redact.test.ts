import { describe, expect, it } from "vitest";
import { parseConnection } from "./connection.ts";
import { redact } from "./redact.ts";

const connection = parseConnection("postgres://app:s%2Fcr$$et@h/d", {});

describe("redact", () => {
  it("takes the password out in every form", () => {
    expect(redact('FATAL: "s/cr$$et" s%2Fcr%24%24et', connection)).toBe('FATAL: "***" ***');
    expect(redact("at postgres://other:hunter2@h/d and password='it''s me' x", connection)).not.toMatch(
      /hunter2|it''s|s me/,
    );
    expect(redact("password=hunter2 host=h", connection)).toBe("password=*** host=h");
  });

  it("leaves the rest, on its lines, without what would redraw them", () => {
    expect(redact("plain\n\ttext \u001b[31mred\u202e", connection)).toBe("plain\n\ttext  [31mred ");
    expect(redact("as it is", parseConnection("postgres://app@h/d", {}))).toBe("as it is");
  });
});
