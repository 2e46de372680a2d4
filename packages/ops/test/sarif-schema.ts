const text = { type: "object", required: ["text"], properties: { text: { type: "string", minLength: 1 } } };
const positive = { type: "integer", minimum: 1 };

/** What SARIF 2.1.0's own JSON Schema demands of the parts that Seakeep writes; stricter where it allows more. */
export const SARIF_SCHEMA: object = {
  type: "object",
  required: ["version", "runs"],
  additionalProperties: false,
  properties: {
    $schema: { type: "string", pattern: "^https://" },
    version: { const: "2.1.0" },
    runs: { type: "array", minItems: 1, items: { $ref: "#/$defs/run" } },
  },
  $defs: {
    run: {
      type: "object",
      required: ["tool", "results"],
      additionalProperties: false,
      properties: {
        tool: {
          type: "object",
          required: ["driver"],
          additionalProperties: false,
          properties: { driver: { $ref: "#/$defs/driver" } },
        },
        columnKind: { enum: ["utf16CodeUnits", "unicodeCodePoints"] },
        invocations: {
          type: "array",
          items: {
            type: "object",
            required: ["executionSuccessful"],
            additionalProperties: false,
            properties: { executionSuccessful: { type: "boolean" } },
          },
        },
        results: { type: "array", items: { $ref: "#/$defs/result" } },
      },
    },
    driver: {
      type: "object",
      required: ["name"],
      additionalProperties: false,
      properties: {
        name: { type: "string", minLength: 1 },
        version: { type: "string", minLength: 1 },
        informationUri: { type: "string", pattern: "^https://" },
        rules: {
          type: "array",
          uniqueItems: true,
          items: {
            type: "object",
            required: ["id"],
            additionalProperties: false,
            properties: {
              id: { type: "string", minLength: 1 },
              shortDescription: text,
              helpUri: { type: "string", pattern: "^https://" },
            },
          },
        },
      },
    },
    result: {
      type: "object",
      required: ["message", "ruleId", "ruleIndex"],
      additionalProperties: false,
      properties: {
        ruleId: { type: "string" },
        ruleIndex: { type: "integer", minimum: 0 },
        level: { enum: ["none", "note", "warning", "error"] },
        message: text,
        locations: {
          type: "array",
          items: {
            type: "object",
            required: ["physicalLocation"],
            additionalProperties: false,
            properties: { physicalLocation: { $ref: "#/$defs/place" } },
          },
        },
        partialFingerprints: { type: "object", additionalProperties: { type: "string" } },
      },
    },
    place: {
      type: "object",
      required: ["artifactLocation"],
      additionalProperties: false,
      properties: {
        artifactLocation: {
          type: "object",
          required: ["uri"],
          additionalProperties: false,
          properties: { uri: { type: "string", pattern: "^[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]+$" } },
        },
        region: {
          type: "object",
          required: ["startLine"],
          additionalProperties: false,
          properties: { startLine: positive, startColumn: positive, endLine: positive, endColumn: positive },
        },
      },
    },
  },
};
