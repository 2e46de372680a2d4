import type { User } from "../auth/access-tokens.ts";
import type { Queryable } from "../database.ts";
import type { Course, CourseFilter, CoursePatch, NewCourse } from "./course.ts";
import type { Position } from "./cursor.ts";

export interface CourseQuery extends CourseFilter {
  readonly after?: Position;
  readonly limit: number;
}

type Row = Omit<Course, "created_at" | "updated_at"> & { created_at: Date; updated_at: Date };

const COLUMNS = "id, owner_id, title, summary, level, status, created_at, updated_at";

/** The newest courses first, and of drafts only those that `user` may see. */
export async function listCourses(
  db: Queryable,
  user: User | undefined,
  { level, owner_id, q, after, limit }: CourseQuery,
): Promise<Course[]> {
  const where: string[] = [];
  const values: unknown[] = [];
  const and = (condition: (...names: string[]) => string, ...given: unknown[]) => {
    const names = given.map((value) => `$${values.push(value)}`);
    where.push(condition(...names));
  };

  if (user?.role !== "admin") and((me) => `(status = 'published' or owner_id = ${me})`, user?.id ?? null);
  if (level) and((value) => `level = ${value}`, level);
  if (owner_id) and((value) => `owner_id = ${value}`, owner_id);
  if (q) and((value) => `title ilike ${value}`, `%${q.replace(/[\\%_]/g, "\\$&")}%`);
  if (after) and((at, id) => `(created_at, id) < (${at}, ${id})`, after.created_at, after.id);

  const { rows } = await db.query<Row>(
    `select ${COLUMNS} from courses
      where ${where.join(" and ") || "true"}
      order by created_at desc, id desc limit $${values.push(limit)}`,
    values,
  );
  return rows.map(fromRow);
}

export async function findCourse(db: Queryable, id: string): Promise<Course | undefined> {
  const { rows } = await db.query<Row>(`select ${COLUMNS} from courses where id = $1`, [id]);
  return rows.map(fromRow)[0];
}

export async function insertCourse(db: Queryable, ownerId: string, course: NewCourse): Promise<Course> {
  const { rows } = await db.query<Row>(
    `insert into courses (owner_id, title, summary, level, status) values ($1, $2, $3, $4, $5)
     returning ${COLUMNS}`,
    [ownerId, course.title, course.summary ?? "", course.level, course.status ?? "draft"],
  );
  return fromRow(rows[0]!);
}

/** Undefined when the course is gone. What the patch does not name stays as it is. */
export async function updateCourse(
  db: Queryable,
  id: string,
  patch: CoursePatch,
): Promise<Course | undefined> {
  const { rows } = await db.query<Row>(
    `update courses set
       title = coalesce($2, title), summary = coalesce($3, summary),
       level = coalesce($4, level), status = coalesce($5, status), updated_at = now()
     where id = $1 returning ${COLUMNS}`,
    [id, patch.title, patch.summary, patch.level, patch.status],
  );
  return rows.map(fromRow)[0];
}

export async function deleteCourse(db: Queryable, id: string): Promise<void> {
  await db.query("delete from courses where id = $1", [id]);
}

function fromRow(row: Row): Course {
  return { ...row, created_at: row.created_at.toISOString(), updated_at: row.updated_at.toISOString() };
}
