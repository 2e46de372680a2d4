import type { Secret, Text } from "../../../config/values.ts";
import type { ReceiverDeclaration } from "../receiver.ts";

/** How alert mail leaves. */
export interface EmailOptions {
  readonly from: Text;
  /** `host:port` of the mail server, with STARTTLS. */
  readonly smarthost: Text;
  readonly username?: Text;
  readonly password?: Secret;
}

/**
 * A mail address.
 *
 * @example
 * email("learning@example.org", {
 *   from: "alerts@example.org", smarthost: "mail.example.org:587", username: "alerts", password: secret("SMTP_PASSWORD"),
 * });
 */
export function email(to: Text, options: EmailOptions): ReceiverDeclaration {
  return {
    kind: "email",
    resolve({ text, secretFile, problem }) {
      const recipient = text(to, "to");
      const from = text(options.from, "from");
      const smarthost = text(options.smarthost, "smarthost");
      const username = options.username === undefined ? undefined : text(options.username, "username");
      const password = options.password && secretFile(options.password, "password");
      if (recipient === undefined || from === undefined || smarthost === undefined) return undefined;
      for (const [key, address] of Object.entries({ to: recipient, from })) {
        if (!/^[^\s@]+@[^\s@]+$/.test(address)) {
          problem(key, address, "a mail address", 'Write it like "team@example.org".');
          return undefined;
        }
      }
      return {
        kind: "email",
        who: `Mail to ${recipient}`,
        config: {
          email_configs: [
            {
              to: recipient,
              from,
              smarthost,
              ...(username === undefined ? {} : { auth_username: username }),
              ...(password === undefined ? {} : { auth_password_file: password }),
              headers: { Subject: "{{ .Status | toUpper }}: {{ (index .Alerts 0).Annotations.summary }}" },
              send_resolved: true,
            },
          ],
        },
      };
    },
  };
}
