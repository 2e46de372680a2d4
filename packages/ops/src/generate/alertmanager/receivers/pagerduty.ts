import type { Secret } from "../../../config/values.ts";
import type { ReceiverDeclaration } from "../receiver.ts";

/**
 * A PagerDuty service, by the integration key of its Events API v2.
 *
 * @example
 * pagerduty(secret("PD_KEY"));
 */
export function pagerduty(routingKey: Secret): ReceiverDeclaration {
  return {
    kind: "pagerduty",
    resolve({ secretFile }) {
      const file = secretFile(routingKey, "routingKey");
      if (file === undefined) return undefined;
      return {
        kind: "pagerduty",
        who: "PagerDuty",
        config: {
          pagerduty_configs: [
            {
              routing_key_file: file,
              description:
                "{{ (index .Alerts 0).Annotations.summary }}{{ if gt (len .Alerts) 1 }} and more{{ end }}",
              severity: '{{ if eq .CommonLabels.severity "page" }}critical{{ else }}warning{{ end }}',
              send_resolved: true,
            },
          ],
        },
      };
    },
  };
}
