type Write = (fields: object, message: string) => void;

/** The shape of pino and its kin, so that any of them will do. */
export interface Log {
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
}

/** One JSON object a line. An `error` among the fields is written with its stack: here, and never to a client. */
export function jsonLog(out: { write(line: string): unknown }): Log {
  const at =
    (level: string): Write =>
    (fields, message) => {
      out.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields }, plain)}\n`);
    };
  return { info: at("info"), warn: at("warn"), error: at("error") };
}

function plain(_key: string, value: unknown): unknown {
  return value instanceof Error ? { ...value, message: value.message, stack: value.stack } : value;
}
