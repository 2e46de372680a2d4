import { type Check, journey, secret } from "seakeep";

/**
 * What an instructor does: logs in, creates a course, reads it, and deletes it again. The course is a draft, which
 * nobody else sees meanwhile.
 */
export const author: Check = journey({ name: "author" })
  .step("log in", {
    method: "POST",
    path: "/api/v1/auth/login/",
    json: { email: process.env.CHECK_USER ?? "ivan@example.com", password: secret("CHECK_PASSWORD") },
    expect: { headers: { "cache-control": /no-store/ } },
    save: { token: "/access_token" },
  })
  .step("create", ({ token }) => ({
    method: "POST",
    path: "/api/v1/courses/",
    bearer: token,
    json: { title: "Made by seakeep check", level: "beginner", status: "draft" },
    expect: { status: 201 },
    save: { id: "/id" },
  }))
  .step("read", ({ token, id }) => ({
    path: `/api/v1/courses/${id}/`,
    bearer: token,
    expect: { json: { "/id": id, "/title": "Made by seakeep check", "/status": "draft" }, within: "500ms" },
  }))
  .step("nobody else sees it", ({ id }) => ({ path: `/api/v1/courses/${id}/`, expect: { status: 404 } }))
  .cleanup("delete", ({ token, id }) => ({
    method: "DELETE",
    path: `/api/v1/courses/${id}/`,
    bearer: token,
    expect: { status: 204 },
  }));
