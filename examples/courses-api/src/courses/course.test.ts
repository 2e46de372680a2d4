import { expect, test } from "vitest";
import type { User } from "../auth/access-tokens.ts";
import { type Course, mayEdit, maySee } from "./course.ts";

const owner: User = { id: "owner", role: "instructor" };
const other: User = { id: "other", role: "instructor" };
const admin: User = { id: "admin", role: "admin" };

const course = (status: Course["status"]): Course => ({
  id: "course",
  owner_id: owner.id,
  title: "Title",
  summary: "",
  level: "beginner",
  status,
  created_at: "2026-01-01T00:00:00.000Z",
  updated_at: "2026-01-01T00:00:00.000Z",
});

test("a published course is for everyone, a draft for its owner and for admins", () => {
  const seen = (status: Course["status"]) =>
    [undefined, other, owner, admin].map((user) => maySee(user, course(status)));
  expect(seen("published")).toEqual([true, true, true, true]);
  expect(seen("draft")).toEqual([false, false, true, true]);
});

test("a course is its owner's to edit, and an admin's", () => {
  expect([other, owner, admin].map((user) => mayEdit(user, course("published")))).toEqual([
    false,
    true,
    true,
  ]);
});
