import Type, { type Static } from "typebox";
import type { User } from "../auth/access-tokens.ts";
import { Line } from "../schema.ts";

const Level = Type.Enum(["beginner", "intermediate", "advanced"]);
const Status = Type.Enum(["draft", "published"]);

export const Course = Type.Object(
  {
    id: Type.String({ format: "uuid" }),
    owner_id: Type.String({ format: "uuid" }),
    title: Line(200),
    summary: Line(5_000, 0),
    level: Level,
    status: Status,
    created_at: Type.String({ format: "date-time" }),
    updated_at: Type.String({ format: "date-time" }),
  },
  { $id: "Course" },
);
export type Course = Static<typeof Course>;

export const NewCourse = Type.Object(
  {
    title: Line(200),
    summary: Type.Optional(Line(5_000, 0)),
    level: Level,
    status: Type.Optional(Status),
  },
  { additionalProperties: false },
);
export type NewCourse = Static<typeof NewCourse>;

export const CoursePatch = Type.Partial(NewCourse, { additionalProperties: false, minProperties: 1 });
export type CoursePatch = Static<typeof CoursePatch>;

export const CourseFilter = Type.Object({
  level: Type.Optional(Level),
  owner_id: Type.Optional(Type.String({ format: "uuid" })),
  q: Type.Optional({ ...Line(100), description: "Courses with this text in the title." }),
});
export type CourseFilter = Static<typeof CourseFilter>;

/** A published course is for everyone, a draft for its owner and for admins. */
export function maySee(user: User | undefined, course: Course): boolean {
  return course.status === "published" || (user !== undefined && mayEdit(user, course));
}

export function mayEdit(user: User, course: Course): boolean {
  return user.role === "admin" || user.id === course.owner_id;
}
