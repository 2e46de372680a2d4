import type { Problems } from "@seakeep/contract";
import type { Secret, Text } from "../../config/values.ts";

/** Somebody who is told of alerts, ready to be written into alertmanager.yml. */
export interface Receiver {
  readonly kind: string;
  /** Who gets it, for documents: "PagerDuty", "Slack channel #courses". Names no secret. */
  readonly who: string;
  /** The receiver's keys of alertmanager.yml, such as `{ slack_configs: [...] }`. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** What a receiver kind may ask of the configuration that it stands in. */
export interface ReceiverScope {
  /** The text, with the environment read; adds a problem and answers `undefined` when the variable is missing. */
  readonly text: (written: Text, key: string) => string | undefined;
  /** Path of the file in which Alertmanager finds a secret; adds a problem when it is not one. */
  readonly secretFile: (secret: Secret, key: string) => string | undefined;
  /** Adds a problem at a key of this receiver. */
  readonly problem: Problems["add"];
}

/** What a receiver kind such as `slack(...)` returns. Nothing is checked before the configuration is loaded. */
export interface ReceiverDeclaration {
  readonly kind: string;
  readonly resolve: (scope: ReceiverScope) => Receiver | undefined;
}
