import { createHash } from "node:crypto";
import type { Role } from "../auth/access-tokens.ts";
import type { Course } from "../courses/course.ts";

/** The password of every seeded user: known to all, and so for development only. */
export const SEED_PASSWORD = "correct horse battery staple";

export const SEED_USERS: readonly { id: string; email: string; name: string; role: Role }[] = [
  { id: idOf("ada"), email: "ada@example.com", name: "Ada", role: "admin" },
  { id: idOf("ivan"), email: "ivan@example.com", name: "Ivan", role: "instructor" },
  { id: idOf("ines"), email: "ines@example.com", name: "Ines", role: "instructor" },
  { id: idOf("sam"), email: "sam@example.com", name: "Sam", role: "student" },
];

const SUBJECTS = ["Algebra", "Botany", "Cartography", "Drawing", "Economics", "Geology", "Harmony", "Logic"];
const ANGLES = ["A First Look at", "Everyday", "The History of", "Hands-on", "Teaching", "The Limits of"];
const LEVELS = ["beginner", "intermediate", "advanced"] as const;
const START = Date.UTC(2026, 0, 1);

/** The same courses each time, an hour apart; one in ten is a draft. */
export function seedCourses(count: number): Course[] {
  const owners = SEED_USERS.filter(({ role }) => role === "instructor");
  return Array.from({ length: count }, (_, n) => {
    const subject = pick(SUBJECTS, n);
    const created_at = new Date(START + n * 3_600_000).toISOString();
    return {
      id: idOf(`course ${n}`),
      owner_id: pick(owners, n).id,
      title: `${pick(ANGLES, Math.floor(n / SUBJECTS.length))} ${subject}, ${n + 1}`,
      summary: `What everyone should know about ${subject.toLowerCase()}.`,
      level: pick(LEVELS, n),
      status: n % 10 === 9 ? "draft" : "published",
      created_at,
      updated_at: created_at,
    };
  });
}

function pick<T>(list: readonly T[], n: number): T {
  return list[n % list.length]!;
}

/** A UUID that is always the same for the same name (version 8 of RFC 9562: made our own way). */
function idOf(name: string): string {
  const hex = createHash("sha256").update(`courses-api ${name}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
