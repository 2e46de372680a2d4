import { expect, test } from "vitest";
import { SEED_USERS, seedCourses } from "./data.ts";

test("the same courses come out each time, each with its own id", () => {
  const courses = seedCourses(3_000);
  expect(seedCourses(3_000)).toEqual(courses);
  expect(new Set(courses.map(({ id }) => id)).size).toBe(3_000);
  expect(courses[0]).toMatchInlineSnapshot(`
    {
      "created_at": "2026-01-01T00:00:00.000Z",
      "id": "5298028b-a7d1-867f-8116-cc382ff82fb0",
      "level": "beginner",
      "owner_id": "20375a67-8d7c-8731-8b88-2b9d00a3d2b9",
      "status": "published",
      "summary": "What everyone should know about algebra.",
      "title": "A First Look at Algebra, 1",
      "updated_at": "2026-01-01T00:00:00.000Z",
    }
  `);
});

test("every course has an owner who may own it", () => {
  const instructors = SEED_USERS.filter(({ role }) => role === "instructor").map(({ id }) => id);
  for (const { owner_id } of seedCourses(100)) expect(instructors).toContain(owner_id);
});
