import type { Secret, Text } from "../../../config/values.ts";
import type { ReceiverDeclaration } from "../receiver.ts";

/**
 * Any HTTP endpoint that takes Alertmanager's webhook payload, version 4.
 *
 * @param options.token sent as `Authorization: Bearer`; read from its file by Alertmanager
 * @example
 * webhook(env("ALERT_WEBHOOK_URL", "http://127.0.0.1:9095/"));
 */
export function webhook(url: Text, options: { readonly token?: Secret } = {}): ReceiverDeclaration {
  return {
    kind: "webhook",
    resolve({ text, secretFile, problem }) {
      const resolved = text(url, "url");
      if (resolved === undefined) return undefined;
      const parsed = URL.canParse(resolved) ? new URL(resolved) : undefined;
      if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) {
        problem("url", resolved, "an http(s) URL", 'Write it whole, such as "https://example.org/alerts".');
        return undefined;
      }
      if (parsed.username !== "" || parsed.password !== "") {
        problem("url", parsed.host, "a URL without credentials", "Pass them as { token: secret(...) }.");
        return undefined;
      }
      const { token } = options;
      const file = token && secretFile(token, "token");
      const http = file && { http_config: { authorization: { credentials_file: file } } };
      return {
        kind: "webhook",
        who: `Webhook at ${parsed.host}`,
        config: { webhook_configs: [{ url: resolved, send_resolved: true, ...(http || {}) }] },
      };
    },
  };
}
