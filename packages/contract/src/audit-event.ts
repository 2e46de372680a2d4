/**
 * Names of security events, from the OWASP application logging vocabulary
 * (https://cheatsheetseries.owasp.org/cheatsheets/Logging_Vocabulary_Cheat_Sheet.html). `sensitive_request_fail` is
 * ours: any other failure on a path declared sensitive.
 */
export const AUDIT_EVENTS = [
  "authn_login_fail",
  "authz_fail",
  "excess_rate_limit_exceeded",
  "input_validation_fail",
  "sensitive_request_fail",
] as const;

export type AuditEventName = (typeof AUDIT_EVENTS)[number];

/**
 * One security event as logged: field names from the Elastic Common Schema, one JSON line.
 * Keys are dotted as ECS writes them, so that a log pipeline needs no mapping.
 */
export interface AuditEvent {
  /** RFC 3339, UTC. */
  readonly "@timestamp": string;
  readonly "log.level": "warn";
  readonly "event.kind": "event";
  readonly "event.category": readonly string[];
  readonly "event.action": AuditEventName;
  readonly "event.outcome": "failure";
  readonly "service.name": string;
  readonly "http.request.id": string;
  readonly "http.request.method": string;
  readonly "http.response.status_code": number;
  /** Path without query. */
  readonly "url.path": string;
  readonly "source.ip"?: string;
  readonly "user.id"?: string;
}

/**
 * The security event that an answer stands for, or `undefined`: 401, 403 and 429 anywhere, any status >= 400 on a
 * declared sensitive path.
 */
export function auditEventName(status: number, sensitive: boolean): AuditEventName | undefined {
  if (status === 401) return "authn_login_fail";
  if (status === 403) return "authz_fail";
  if (status === 429) return "excess_rate_limit_exceeded";
  if (!sensitive || !(status >= 400)) return undefined;
  return status === 400 || status === 413 || status === 415 || status === 422
    ? "input_validation_fail"
    : "sensitive_request_fail";
}
