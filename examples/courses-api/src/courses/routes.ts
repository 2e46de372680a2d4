import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyRequest } from "fastify";
import Type from "typebox";
import { allow, caller } from "../auth/guard.ts";
import type { Deps } from "../deps.ts";
import { bearer } from "../openapi.ts";
import { Problem, problems } from "../problem.ts";
import { type Course, CourseFilter, CoursePatch, mayEdit, maySee, NewCourse } from "./course.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { deleteCourse, findCourse, insertCourse, listCourses, updateCourse } from "./repository.ts";

const courseRef = (description: string) => Type.Unsafe<Course>(Type.Ref("Course#", { description }));
const Id = Type.Object({ id: Type.String({ format: "uuid" }) });

const Page = Type.Object(
  {
    items: Type.Array(courseRef("The newest first.")),
    next: Type.Union([Type.String(), Type.Null()], {
      description: "The cursor of the next page; null on the last.",
    }),
  },
  { description: "One page of the list." },
);

const PageQuery = Type.Object(
  {
    ...CourseFilter.properties,
    cursor: Type.Optional(Type.String({ maxLength: 200, description: "`next` of the page before." })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
  },
  { additionalProperties: false },
);

export const courseRoutes: FastifyPluginAsyncTypebox<Deps> = async (app, { database }) => {
  /** The course, or the same 404 whether it is missing or a draft of somebody else. */
  const find = async ({ params, user }: FastifyRequest & { params: { id: string } }) => {
    const course = await findCourse(database, params.id);
    if (!course || !maySee(user, course)) throw noSuchCourse();
    return course;
  };

  app.get(
    "/courses/",
    {
      schema: {
        summary: "List courses, newest first",
        operationId: "listCourses",
        tags: ["courses"],
        security: [{}, ...bearer],
        querystring: PageQuery,
        response: { 200: Page, ...problems(400, 401, 429) },
      },
    },
    async ({ query: { cursor, limit = 20, ...filter }, user }) => {
      const after = cursor === undefined ? undefined : decodeCursor(cursor);
      if (cursor !== undefined && !after)
        throw new Problem(400, "The cursor is not one that this list gave out.");
      // One row more than asked for tells whether there is another page, without counting.
      const found = await listCourses(database, user, {
        ...filter,
        ...(after && { after }),
        limit: limit + 1,
      });
      const items = found.slice(0, limit);
      const last = items.at(-1);
      return { items, next: found.length > limit && last ? encodeCursor(last) : null };
    },
  );

  app.post(
    "/courses/",
    {
      preParsing: allow("instructor", "admin"),
      schema: {
        summary: "Create a course",
        operationId: "createCourse",
        tags: ["courses"],
        security: bearer,
        body: NewCourse,
        response: {
          201: courseRef("The new course; its address is in Location."),
          ...problems(400, 401, 403, 415, 429),
        },
      },
    },
    async (request, reply) => {
      const course = await insertCourse(database, caller(request).id, request.body);
      return reply.code(201).header("location", `/api/v1/courses/${course.id}/`).send(course);
    },
  );

  app.get(
    "/courses/:id/",
    {
      schema: {
        summary: "Read a course",
        operationId: "getCourse",
        tags: ["courses"],
        security: [{}, ...bearer],
        params: Id,
        response: { 200: courseRef("The course."), ...problems(400, 401, 404, 429) },
      },
    },
    find,
  );

  app.patch(
    "/courses/:id/",
    {
      preParsing: allow("instructor", "admin"),
      schema: {
        summary: "Change some fields of a course",
        operationId: "updateCourse",
        tags: ["courses"],
        security: bearer,
        params: Id,
        body: CoursePatch,
        response: { 200: courseRef("The course as it is now."), ...problems(400, 401, 403, 404, 415, 429) },
      },
    },
    async (request) => {
      mustOwn(request, await find(request));
      const course = await updateCourse(database, request.params.id, request.body);
      if (!course) throw noSuchCourse();
      return course;
    },
  );

  app.delete(
    "/courses/:id/",
    {
      preParsing: allow("instructor", "admin"),
      schema: {
        summary: "Delete a course",
        operationId: "deleteCourse",
        tags: ["courses"],
        security: bearer,
        params: Id,
        response: { 204: Type.Null({ description: "Gone." }), ...problems(400, 401, 403, 404, 429) },
      },
    },
    async (request, reply) => {
      mustOwn(request, await find(request));
      await deleteCourse(database, request.params.id);
      return reply.code(204).send(null);
    },
  );
};

function mustOwn(request: FastifyRequest, course: Course): void {
  if (!mayEdit(caller(request), course))
    throw new Problem(403, "Only its owner or an admin may change a course.");
}

function noSuchCourse(): Problem {
  return new Problem(404, "There is no such course.");
}
