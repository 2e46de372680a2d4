import type { AuditEvent, AuditEventName } from "@seakeep/contract";
import { visible } from "../json-text.ts";

/** What is known of the exchange that a security event stands for. */
export interface AuditedExchange {
  readonly time: string;
  readonly service: string;
  readonly requestId: string;
  readonly method: string;
  readonly status: number;
  /** Redacted. */
  readonly path: string;
  readonly ip: string | undefined;
  readonly user: string | undefined;
}

/** ECS categories: https://www.elastic.co/docs/reference/ecs/ecs-allowed-values-event-category */
function categories(name: AuditEventName): readonly string[] {
  return name === "authn_login_fail" ? ["authentication", "web"] : ["web"];
}

/** The log record of a security event, every value safe to print. */
export function auditEvent(name: AuditEventName, exchange: AuditedExchange): AuditEvent {
  return {
    "@timestamp": exchange.time,
    "log.level": "warn",
    "event.kind": "event",
    "event.category": categories(name),
    "event.action": name,
    "event.outcome": "failure",
    "service.name": exchange.service,
    "http.request.id": exchange.requestId,
    "http.request.method": visible(exchange.method),
    "http.response.status_code": exchange.status,
    "url.path": visible(exchange.path),
    ...(exchange.ip === undefined ? {} : { "source.ip": exchange.ip }),
    ...(exchange.user === undefined ? {} : { "user.id": visible(exchange.user) }),
  };
}
