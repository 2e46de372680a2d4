import { expect, test } from "vitest";
import { pathOf } from "./url-path.ts";

test.each([
  ["/a/b", "/a/b"],
  ["/a?b=/c", "/a"],
  ["/a#b?c", "/a"],
  ["/a?b#c", "/a"],
  ["?q", "/"],
  ["", "/"],
  ["*", "*"],
  ["http://user:secret@example.org/a?b", "/a"],
  ["https://example.org", "/"],
  ["http://example.org?x", "/"],
  ["//a/b", "//a/b"],
  ["example.org:443", "example.org:443"],
])("%s is at %s", (target, path) => {
  expect(pathOf(target)).toBe(path);
});
