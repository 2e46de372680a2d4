const DATE = String.raw`\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])`;
const TIME = String.raw`(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d{1,9})?(?:[zZ]|[+-](?:[01]\d|2[0-3]):?[0-5]\d)`;

/**
 * The formats of JSON Schema and OpenAPI that a client would trip over. Those not listed are annotations, as the
 * standard has it.
 */
export const FORMATS: Readonly<Record<string, RegExp | ((text: string) => boolean)>> = {
  date: new RegExp(`^${DATE}$`),
  time: new RegExp(`^${TIME}$`),
  "date-time": new RegExp(`^${DATE}[tT ]${TIME}$`),
  uuid: /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i,
  email: /^[^\s@]{1,256}@[^\s@]{1,256}$/,
  uri: (text) => !/\s/.test(text) && URL.canParse(text),
  "uri-reference": (text) => !/[\s<>"{}|\\^`]/.test(text) && URL.canParse(text, "http://reference.invalid/"),
  ipv4: /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/,
  byte: /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/,
};
