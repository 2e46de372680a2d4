import { availability, defineService, errors, latency, type Service, saturation } from "@seakeep/contract";

/** What the courses API promises. Metrics, alert rules, checks and the SLO document all come from here. */
export const service: Service = defineService({
  name: "courses-api",
  owner: "learning",
  window: "30d",
  slos: [
    availability({ objective: 99.9, probe: "/healthz" }),
    errors({ objective: 99 }),
    latency({ objective: 95, threshold: "500ms" }),
    latency({ objective: 95, threshold: "5s", routes: ["POST /api/v1/upload/"] }),
    saturation({ inFlight: 200, eventLoopDelay: "200ms" }),
  ],
  recovery: { rpo: "24h", rto: "1h" },
  audit: { sensitive: ["/api/v1/auth/", "/api/v1/token/", "/api/v1/upload/", "/api/v1/password/"] },
  routes: [
    "POST /api/v1/auth/login/",
    "POST /api/v1/token/refresh/",
    "POST /api/v1/password/reset/",
    "POST /api/v1/password/reset/confirm/",
    "POST /api/v1/upload/",
    "GET /api/v1/courses/",
    "POST /api/v1/courses/",
    "GET /api/v1/courses/:id/",
    "PATCH /api/v1/courses/:id/",
    "DELETE /api/v1/courses/:id/",
    "GET /api/schema/",
  ],
});
