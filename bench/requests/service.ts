import { defineService, errors, latency, type Service } from "@seakeep/contract";

/** The declaration under which Seakeep runs here. */
export const service: Service = defineService({
  name: "bench",
  owner: "bench",
  slos: [errors({ objective: 99 }), latency({ objective: 95, threshold: "500ms" })],
  routes: ["GET /courses", "GET /courses/:id"],
});

/** Every peer gets these bucket edges too, seconds: more buckets would cost it more. */
export const EDGES: readonly number[] = service.edges;
