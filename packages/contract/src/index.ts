export type { AuditEvent, AuditEventName } from "./audit-event.ts";
export { AUDIT_EVENTS, auditEventName } from "./audit-event.ts";
export type { BurnWindow, Severity } from "./budget.ts";
export { budgetSpent, burnWindows, timeToAlert, timeToExhaustion } from "./budget.ts";
export type { ErrorCode, ErrorEntry } from "./error-table.ts";
export { ERRORS } from "./error-table.ts";
export type { ErrorDetails } from "./errors.ts";
export { SeakeepError } from "./errors.ts";
export type { MetricNames, Naming } from "./names.ts";
export { badCount, errorRatio, metricNames, NAMES, totalCount } from "./names.ts";
export { nearest } from "./nearest.ts";
export type { Problem } from "./problems.ts";
export { Problems } from "./problems.ts";
export type { Route } from "./routes.ts";
export { formatRoute, METHODS, parseRoute } from "./routes.ts";
export type { Service, ServiceDeclaration } from "./service.ts";
export { defineService } from "./service.ts";
export type { AvailabilityOptions } from "./slo/availability/index.ts";
export { availability } from "./slo/availability/index.ts";
export type { CommonOptions, SloDeclaration, SloScope } from "./slo/declare.ts";
export type { ErrorsOptions } from "./slo/errors/index.ts";
export { errors } from "./slo/errors/index.ts";
export type { LatencyOptions } from "./slo/latency/index.ts";
export { latency } from "./slo/latency/index.ts";
export { quote } from "./slo/promql.ts";
export type { SaturationOptions } from "./slo/saturation/index.ts";
export { saturation } from "./slo/saturation/index.ts";
export type {
  CountedRequests,
  GaugeBound,
  Indicator,
  Measurement,
  QueryContext,
  SampledGauges,
  Slo,
} from "./slo/slo.ts";
export type { Duration } from "./units.ts";
export { errorBudget, formatDuration, milliseconds } from "./units.ts";
export { parse } from "./validate.ts";
