import { type AuditEvent, NAMES } from "@seakeep/contract";
import { type AccessRecord, accessFields, accessLine } from "./access-log.ts";
import { visible } from "./json-text.ts";
import { type LineSink, type Logger, stdoutLines, timestamp } from "./log.ts";

/** Where the three kinds of record go. */
export interface LogOutput {
  access(record: AccessRecord): void;
  audit(event: AuditEvent): void;
  /** Something the operator should know that is no request: a check that began to fail, a route that is not there. */
  notice(message: string, fields?: Readonly<Record<string, string>>): void;
}

/** What `log` may be; default: JSON lines on standard output. */
export type LogOption = false | Logger | LineSink | undefined;

/** `undefined` when logging is off. */
export function logOutput(log: LogOption): LogOutput | undefined {
  if (log === false) return undefined;
  if (log !== undefined && "info" in log) return toLogger(log);
  return toLines(log ?? stdoutLines);
}

function toLines(sink: LineSink): LogOutput {
  return {
    access(record) {
      sink.write(accessLine(record));
    },
    audit(event) {
      sink.write(`${JSON.stringify(event)}\n`);
    },
    notice(message, fields) {
      const { time, level, message: text } = NAMES.log;
      const line = { [time]: timestamp(), [level]: "warn", [text]: visible(message), ...safe(fields) };
      sink.write(`${JSON.stringify(line)}\n`);
    },
  };
}

function toLogger(logger: Logger): LogOutput {
  return {
    access(record) {
      logger.info(accessFields(record), "request");
    },
    audit(event) {
      logger.warn(event, "security event");
    },
    notice(message, fields) {
      logger.warn(safe(fields), message);
    },
  };
}

function safe(fields: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, visible(value)]));
}
