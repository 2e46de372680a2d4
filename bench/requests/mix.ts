import { get, type WireRequest } from "../harness/load.ts";

/** What every variant answers with, so that handlers cost next to nothing and the overhead shows. */
export const COURSES = {
  courses: [
    { id: "1", title: "Knots" },
    { id: "2", title: "Tides" },
  ],
} as const;
export const course = (id: string): { id: string; title: string } => ({ id, title: "Knots" });
export const NOT_FOUND = { title: "Not Found", status: 404 } as const;

/** Ten requests that repeat: five of a static route, four of a parameterised one, one that no route matches. */
const MIX: readonly WireRequest[] = [
  get("/courses"),
  get("/courses/1001"),
  get("/courses"),
  get("/courses/1002"),
  get("/courses"),
  get("/courses/1003"),
  get("/favicon.ico", 404),
  get("/courses"),
  get("/courses/1004"),
  get("/courses"),
];

export function fromMix(index: number): WireRequest {
  return MIX[index % MIX.length]!;
}
