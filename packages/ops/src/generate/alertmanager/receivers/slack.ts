import type { Secret } from "../../../config/values.ts";
import type { ReceiverDeclaration } from "../receiver.ts";

/**
 * A Slack channel, by the URL of an incoming webhook.
 *
 * @param options.channel `#name`; default: the channel that the webhook was made for
 * @example
 * slack(secret("SLACK_URL"), { channel: "#courses-alerts" });
 */
export function slack(apiUrl: Secret, options: { readonly channel?: string } = {}): ReceiverDeclaration {
  return {
    kind: "slack",
    resolve({ secretFile, problem }) {
      const { channel } = options;
      if (channel !== undefined && !/^[#@][^\s#@]+$/.test(channel)) {
        problem(
          "channel",
          channel,
          "a channel such as #courses-alerts",
          "Begin it with # and leave out spaces.",
        );
        return undefined;
      }
      const file = secretFile(apiUrl, "apiUrl");
      if (file === undefined) return undefined;
      return {
        kind: "slack",
        who: channel === undefined ? "Slack" : `Slack channel ${channel}`,
        config: {
          slack_configs: [
            {
              api_url_file: file,
              ...(channel === undefined ? {} : { channel }),
              color: '{{ if eq .Status "firing" }}danger{{ else }}good{{ end }}',
              title:
                '{{ if eq .Status "firing" }}Firing{{ else }}Resolved{{ end }}: {{ .CommonLabels.service }}',
              text: "{{ range .Alerts }}*{{ .Annotations.summary }}*\n{{ .Annotations.description }}\n{{ with .Annotations.runbook_url }}<{{ . }}|Runbook>\n{{ end }}{{ end }}",
              send_resolved: true,
            },
          ],
        },
      };
    },
  };
}
