export type { BootDeclaration, DrillDeclaration } from "./backup/drill/declaration.ts";
export { type Expectation, sql } from "./backup/drill/expectation.ts";
export type { Keep } from "./backup/retention.ts";
export type { StoreDeclaration, StoreScope, StoreSettings } from "./backup/stores/declaration.ts";
export { fs } from "./backup/stores/fs/index.ts";
export { type S3Options, s3 } from "./backup/stores/s3/index.ts";
export type { Store } from "./backup/stores/store.ts";
export type {
  Check,
  CheckContext,
  CommonCheckOptions,
  Finding,
  Verdict,
  VerdictName,
} from "./checks/check.ts";
export type { HttpExpectation, Json } from "./checks/exchange/expectation.ts";
export type { HttpRequest, JsonTemplate } from "./checks/exchange/request.ts";
export type { Findings } from "./checks/findings.ts";
export { type CheckFunction, check } from "./checks/function/index.ts";
export { type HeadersOptions, headers } from "./checks/headers/index.ts";
export { health } from "./checks/health/index.ts";
export { type HttpOptions, http } from "./checks/http/index.ts";
export type { Answer, CheckRequest, Outcome, Send } from "./checks/http.ts";
export { type Journey, type JourneyStart, journey } from "./checks/journey/index.ts";
export type { JourneyStep, Saves, Source } from "./checks/journey/step.ts";
export { type MetricsGateOptions, metricsGate } from "./checks/metrics-gate/index.ts";
export { type OpenapiOptions, openapi } from "./checks/openapi/index.ts";
export { type ProblemShapeOptions, problemShape } from "./checks/problem-shape/index.ts";
export type { Shake, ShakeOutcome, ShakeRequest } from "./checks/tls/handshake.ts";
export { type TlsOptions, tls } from "./checks/tls/index.ts";
export type { DefinedOps, OpsDeclaration } from "./config/define.ts";
export { defineOps } from "./config/define.ts";
export type { EnvValue, Secret, Text } from "./config/values.ts";
export { env, secret } from "./config/values.ts";
export type { Receiver, ReceiverDeclaration, ReceiverScope } from "./generate/alertmanager/receiver.ts";
export type { EmailOptions } from "./generate/alertmanager/receivers/email.ts";
export { email } from "./generate/alertmanager/receivers/email.ts";
export { pagerduty } from "./generate/alertmanager/receivers/pagerduty.ts";
export { slack } from "./generate/alertmanager/receivers/slack.ts";
export { webhook } from "./generate/alertmanager/receivers/webhook.ts";

export type { MigrationsDeclaration } from "./migrations/declaration.ts";
export { type DrizzleOptions, drizzle } from "./migrations/histories/drizzle/index.ts";
export { type KnexOptions, knex } from "./migrations/histories/knex/index.ts";
export { type NodePgMigrateOptions, nodePgMigrate } from "./migrations/histories/node-pg-migrate/index.ts";
export { type PrismaOptions, prisma } from "./migrations/histories/prisma/index.ts";
export {
  type RecordKind,
  type SqlFilesOptions,
  type SqlRecord,
  sqlFiles,
} from "./migrations/histories/sql-files/index.ts";
export type { Migration, MigrationHistory, MigrationSql } from "./migrations/migration.ts";
export type { ReleaseDeclaration } from "./release/declaration.ts";

export type {
  SignalsDeclaration,
  SignalsEdges,
  SignalsScope,
  SignalsSettings,
} from "./signals/declaration.ts";
export { type EmbeddedOptions, embedded } from "./signals/embedded/index.ts";
export { type PrometheusOptions, prometheus } from "./signals/prometheus/index.ts";
export type { FiringAlert, Reading, SampledSeries, Selector, Signals, Span } from "./signals/signals.ts";
