/** Which family of metric names a service speaks. */
export type Naming = "prometheus" | "otel";

/**
 * Every name that crosses from the running service to what watches it. `runtime` writes them, `ops` queries them,
 * and neither spells one out by itself.
 */
export interface MetricNames {
  /** Histogram of request durations, seconds. */
  readonly duration: string;
  /** Counter of finished requests. */
  readonly requests: string;
  /** Counter of requests answered with status >= 500. */
  readonly serverErrors: string;
  /** Gauge of requests being served now, no labels. */
  readonly inFlight: string;
  readonly labels: {
    readonly method: string;
    readonly route: string;
    readonly status: string;
  };
}

const METRICS: Readonly<Record<Naming, MetricNames>> = {
  prometheus: {
    duration: "http_request_duration_seconds",
    requests: "http_requests_total",
    serverErrors: "http_server_errors_total",
    inFlight: "http_requests_in_flight",
    labels: { method: "method", route: "path_template", status: "status_code" },
  },
  // https://opentelemetry.io/docs/specs/semconv/http/http-metrics/ in their Prometheus spelling. The conventions
  // have no request counters (they count the histogram); ours follow their prefix. No name is in both families, so
  // that a service can move from one to the other and no query adds the two up.
  otel: {
    duration: "http_server_request_duration_seconds",
    requests: "http_server_requests_total",
    serverErrors: "http_server_request_errors_total",
    inFlight: "http_server_active_requests",
    labels: { method: "http_request_method", route: "http_route", status: "http_response_status_code" },
  },
};

/** The metric and label names of a service's chosen naming. */
export function metricNames(naming: Naming): MetricNames {
  return METRICS[naming];
}

/** Names that are the same under either naming. */
export const NAMES = {
  metrics: {
    /** Counter, label `event`: security events by OWASP name. */
    securityEvents: "http_security_events_total",
    /** Counter: requests recorded under a coarser route or status than their own because a series cap was reached. */
    seriesOverflow: "seakeep_series_overflow_total",
    /** Counter, label `part`: faults inside the instrumentation itself, which never fail a request. */
    internalErrors: "seakeep_internal_errors_total",
    /** Gauge, 1: labels `service`, `version`, `declaration`. */
    serviceInfo: "seakeep_service_info",
    /** Gauge, seconds: 99th percentile of event-loop delay over the last full ten seconds. */
    eventLoopDelay: "nodejs_eventloop_delay_p99_seconds",
    /** Gauge, seconds since the epoch (the field's own name). */
    processStart: "process_start_time_seconds",
    /** Blackbox exporter: 1 when the probe passed. */
    probeSuccess: "probe_success",
    /** Gauge: 1 when the store of backups could be read; else 0, and nothing else is told of it. */
    backupStoreUp: "backup_store_up",
    /** Gauge, labels `service`, `state`: backups in the store. */
    backups: "backup_backups",
    /** Gauge, label `service` here and below, seconds since the epoch: when the newest sound backup was complete. */
    backupLastSuccess: "backup_last_success_timestamp_seconds",
    /** Gauge, seconds since the epoch: the moment of whose data the newest sound backup is. */
    backupLastSnapshot: "backup_last_snapshot_timestamp_seconds",
    /** Gauge, seconds since the epoch: when a backup was last restored and equal. */
    backupLastProvenRestore: "backup_last_proven_restore_timestamp_seconds",
    /** Gauge, seconds: how long that took. */
    backupRestoreDuration: "backup_restore_duration_seconds",
    /** Gauge, seconds: how long the newest sound backup took. */
    backupDuration: "backup_duration_seconds",
    /** Gauge, bytes: what the newest sound backup takes up in the store. */
    backupSize: "backup_size_bytes",
    /** Gauge, seconds: how much a disaster would cost now, as of when it was read. */
    backupRpoActual: "backup_rpo_actual_seconds",
    /** Gauge, seconds: how long the last drill took to restore. */
    backupRtoActual: "backup_rto_actual_seconds",
    /** Gauge, seconds since the epoch: when the last drill began. */
    backupLastDrill: "backup_last_drill_timestamp_seconds",
    /** Gauge: 1 when it passed. */
    backupLastDrillPassed: "backup_last_drill_passed",
    /** Gauge, labels `service`, `check`, `verdict`: 1 for the verdict of the last run of a check, 0 for the others. */
    checkStatus: "seakeep_check_status",
    /** Gauge, seconds, labels `service`, `check`: how long its last run took, all attempts together. */
    checkDuration: "seakeep_check_duration_seconds",
    /** Gauge, labels `service`, `check`: attempts of its last run. */
    checkAttempts: "seakeep_check_attempts",
    /** Counter, labels `service`, `verdict`: runs of all checks together. */
    checkRuns: "seakeep_check_runs_total",
    /** Counter, label `service`: runs that were due while the one before was still under way, and left out. */
    checkRunsSkipped: "seakeep_check_runs_skipped_total",
    /** Gauge, label `service`, seconds since the epoch: when the last run ended. */
    checkLastRun: "seakeep_check_last_run_timestamp_seconds",
  },
  labels: {
    event: "event",
    part: "part",
    /** Of a backup: `complete`, `proven` or `damaged`. */
    state: "state",
    service: "service",
    version: "version",
    declaration: "declaration",
    /** Name of a check of the deployed service. */
    check: "check",
    /** Of a check: `passed`, `failed` or `unknown`. */
    verdict: "verdict",
    /** Path that the black-box probe requests; on every series of that probe. */
    probe: "probe",
  },
  /** Label values that stand for many. */
  values: {
    /** Route of a request that matched none. */
    unmatched: "_unmatched",
    /** Route of a request beyond the series cap. */
    overflow: "_other",
    /** Method that is none of RFC 9110's and RFC 5789's (OpenTelemetry's spelling). */
    otherMethod: "_OTHER",
    /** Version of a service that was not told its own. */
    unknownVersion: "unknown",
  },
  /** Members of what the health path answers. */
  health: { version: "version" },
  headers: { requestId: "x-request-id", traceparent: "traceparent" },
  /** Access log fields, one JSON line a request. */
  log: {
    time: "time",
    level: "level",
    requestId: "request_id",
    traceId: "trace_id",
    method: "method",
    path: "path",
    route: "path_template",
    status: "status",
    user: "user",
    ip: "ip",
    duration: "duration_ms",
    bytes: "bytes",
    outcome: "outcome",
    /** Of notices: lines that stand for no request. */
    message: "message",
  },
  /** A service's job has its name; that of its black-box probe, its name and this. */
  jobs: { probeSuffix: "-probe" },
  /** Endpoints the runtime serves itself; they are not recorded as traffic. */
  paths: { metrics: "/metrics", live: "/livez", ready: "/readyz", health: "/healthz" },
  environment: {
    metricsEnabled: "METRICS_ENABLED",
    metricsToken: "METRICS_TOKEN",
    sentryDsn: "SENTRY_DSN",
    databaseUrl: "DATABASE_URL",
    release: "RELEASE",
  },
  /** Labels and annotations of rules and alerts. */
  rules: {
    id: "seakeep_id",
    service: "service",
    slo: "slo",
    severity: "severity",
    objective: "slo:objective:ratio",
    budget: "slo:error_budget:ratio",
    period: "slo:time_period:days",
    currentBurnRate: "slo:current_burn_rate:ratio",
    periodBurnRate: "slo:period_burn_rate:ratio",
    remaining: "slo:period_error_budget_remaining:ratio",
    info: "seakeep_slo_info",
    /** Share of the period that was measured, at most 1. Not one of Sloth's. */
    covered: "slo:period_covered:ratio",
    /** Recorded by the saturation kind: 1 while a process is full, per `instance`. */
    saturated: "slo:sli_saturated:bool",
  },
} as const;

/** Recording-rule name of an error ratio over a window, as Sloth spells it. */
export function errorRatio(window: string): string {
  return `slo:sli_error:ratio_rate${window}`;
}

/** Recording-rule name of the count of bad events over a window. */
export function badCount(window: string): string {
  return `slo:sli_bad:increase${window}`;
}

/** Recording-rule name of the count of all events over a window. */
export function totalCount(window: string): string {
  return `slo:sli_total:increase${window}`;
}
