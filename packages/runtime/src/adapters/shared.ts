export type { Check, CheckOptions } from "../health.ts";
export type { LineSink, Logger } from "../log.ts";
export type { Registry } from "../metrics/registry.ts";
export type { ObserveHandle } from "../observer.ts";
export type { ObserveOptions } from "../options.ts";
export { requestId } from "../request.ts";
export type { SentryModule } from "../sentry/index.ts";
