export type Framework = "Express 5" | "Fastify 5" | "node:http";

/** Each framework's server module, the names of its peers, and the requests in a burst: about 20 ms of bare server. */
export const FRAMEWORKS: Readonly<
  Record<
    Framework,
    { readonly module: URL; readonly burst: number; readonly metrics: string; readonly logger: string }
  >
> = {
  "Express 5": {
    module: new URL("./express.js", import.meta.url),
    burst: 200,
    metrics: "express-prom-bundle",
    logger: "pino-http",
  },
  "Fastify 5": {
    module: new URL("./fastify.js", import.meta.url),
    burst: 800,
    metrics: "fastify-metrics",
    logger: "Fastify's logger",
  },
  "node:http": {
    module: new URL("./node-http.js", import.meta.url),
    burst: 800,
    metrics: "prom-client",
    logger: "pino-http",
  },
};

/** What stands around the same trivial handlers. */
export type Variant =
  | "bare"
  | "control"
  | "floor"
  | "quiet"
  | "seakeep"
  | "metrics"
  | "logger"
  | "both"
  | "tuned";

/** In the order of the table. */
export const VARIANTS: readonly Variant[] = [
  "bare",
  "control",
  "floor",
  "quiet",
  "seakeep",
  "metrics",
  "logger",
  "both",
  "tuned",
];

export function nameOf(framework: Framework, variant: Variant): string {
  const { metrics, logger } = FRAMEWORKS[framework];
  const names: Record<Variant, string> = {
    bare: "bare",
    control: "bare, a second copy",
    floor: "by hand: id, metrics, log line",
    quiet: "Seakeep, log off",
    seakeep: "Seakeep",
    metrics,
    logger,
    both: `${metrics} + ${logger}`,
    tuned: "the same, tuned",
  };
  return names[variant];
}
