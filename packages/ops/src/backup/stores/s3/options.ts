import type { EnvValue, Text } from "../../../config/values.ts";
import type { StoreScope } from "../declaration.ts";

/** Where in S3, and how objects are kept there. Credentials are no option: they come from the usual AWS chain. */
export interface S3Options {
  /** Must exist: who may read it is yours to decide. */
  readonly bucket: Text;
  /** Begins every key; default: none. */
  readonly prefix?: Text;
  /** Default: `AWS_REGION` or the profile's; with an endpoint `"us-east-1"`, which all but AWS take for any. */
  readonly region?: Text;
  /** For R2, MinIO, Ceph, Backblaze, GCS: `https://...`; default: `AWS_ENDPOINT_URL_S3`, else AWS itself. */
  readonly endpoint?: Text;
  /** Class of the large objects, manifests stay STANDARD; default `"STANDARD_IA"`. */
  readonly storageClass?: Text;
  /** Encryption by the store: `"AES256"` or `"aws:kms"`; default: as the bucket says. */
  readonly sse?: Text;
  /** Key for `"aws:kms"`, which it implies. */
  readonly kmsKeyId?: Text;
  /** Keeps every object from being changed or deleted for so many days; the bucket must have object lock. */
  readonly objectLock?: { readonly mode: "GOVERNANCE" | "COMPLIANCE"; readonly days: number };
  /** Tags each object with its retention facts; default true. False for R2 and Backblaze, which know no tags. */
  readonly tags?: boolean;
  /** `endpoint/bucket` rather than `bucket.endpoint`; default: true with an endpoint. */
  readonly forcePathStyle?: boolean;
}

/** Checked options. */
export interface S3Settings {
  readonly bucket: string;
  /** Empty, or with a slash at its end. */
  readonly prefix: string;
  readonly region?: string;
  readonly endpoint?: string;
  readonly storageClass: string;
  readonly sse?: string;
  readonly kmsKeyId?: string;
  readonly objectLock?: { readonly mode: "GOVERNANCE" | "COMPLIANCE"; readonly days: number };
  readonly tags: boolean;
  readonly forcePathStyle?: boolean;
}

type TextKey = {
  [Key in keyof S3Options]-?: EnvValue extends S3Options[Key] ? Key : never;
}[keyof S3Options];

const TEXTS: Readonly<Record<TextKey, { pattern: RegExp; wanted: string; fix: string }>> = {
  bucket: {
    pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/,
    wanted: "the name of a bucket",
    fix: "Write its name alone, such as acme-backups.",
  },
  prefix: {
    pattern: /^(?!.*(\.\.|\/\/))[A-Za-z0-9._/-]{0,256}$/,
    wanted: "a path within the bucket",
    fix: "Use letters, digits, dots, dashes and single slashes, such as prod/courses.",
  },
  region: { pattern: /^[a-z0-9-]{1,64}$/, wanted: "a region", fix: "Write it like eu-central-1." },
  endpoint: {
    // No user, query or fragment: what is in there would end up in messages.
    pattern: /^https?:\/\/[^\s/?#@]+\/?$/,
    wanted: "an http(s) URL without credentials or path",
    fix: "Write it like https://s3.example.org.",
  },
  storageClass: {
    pattern: /^[A-Z0-9_]{1,64}$/,
    wanted: "a storage class",
    fix: "Write it as the store does, such as STANDARD_IA.",
  },
  sse: {
    pattern: /^(AES256|aws:kms|aws:kms:dsse)$/,
    wanted: '"AES256" or "aws:kms"',
    fix: "Use AES256, or aws:kms with kmsKeyId.",
  },
  kmsKeyId: {
    pattern: /^[A-Za-z0-9:/_-]{1,256}$/,
    wanted: "the id, alias or ARN of a KMS key",
    fix: "Write it like alias/backups.",
  },
};
const FLAGS: readonly ["tags", "forcePathStyle"] = ["tags", "forcePathStyle"];
const KNOWN: ReadonlySet<string> = new Set([...Object.keys(TEXTS), ...FLAGS, "objectLock"]);

/** Checks what was written and reads the environment; `undefined` when problems were added. */
export function resolveOptions(options: S3Options, { text, problem }: StoreScope): S3Settings | undefined {
  let good = true;
  const wrong: StoreScope["problem"] = (...told) => {
    good = false;
    problem(...told);
  };
  for (const key of Object.keys(options).filter((name) => !KNOWN.has(name))) {
    // Its value is not shown: it may be a secret key that somebody put here.
    const wanted = `one of ${[...KNOWN].join(", ")}`;
    wrong(key, "(not shown)", wanted, "Leave it out; credentials come from the usual AWS chain.");
  }
  const read = (key: TextKey): string | undefined => {
    const written = options[key];
    if (written === undefined) return undefined;
    const value = text(written, key);
    if (value === undefined) good = false;
    else if (typeof value !== "string" || !TEXTS[key].pattern.test(value)) {
      const shown = key === "endpoint" ? "(not shown)" : value;
      wrong(key, shown, TEXTS[key].wanted, TEXTS[key].fix);
    }
    return value;
  };
  const bucket = read("bucket");
  const prefix = read("prefix")?.replace(/^\/+|\/+$/g, "");
  const texts = { region: read("region"), endpoint: read("endpoint")?.replace(/\/$/, "") };
  const kmsKeyId = read("kmsKeyId");
  const sse = read("sse") ?? (kmsKeyId && "aws:kms");
  const storageClass = read("storageClass") ?? "STANDARD_IA";
  for (const key of FLAGS) {
    const value: unknown = options[key] ?? true;
    if (typeof value !== "boolean") wrong(key, value, "true or false", "Write true or false.");
  }
  const { objectLock, tags = true, forcePathStyle } = options;
  if (objectLock !== undefined && !isLock(objectLock)) {
    const fix = 'Write it like { mode: "GOVERNANCE", days: 30 }, or in a URL objectLock=GOVERNANCE:30.';
    wrong("objectLock", objectLock, "a mode and a number of days", fix);
  }
  if (kmsKeyId !== undefined && sse === "AES256") {
    wrong("sse", sse, '"aws:kms" beside kmsKeyId', "Leave sse out: kmsKeyId implies it.");
  }
  if (bucket === undefined && options.bucket === undefined) {
    wrong("bucket", undefined, TEXTS.bucket.wanted, TEXTS.bucket.fix);
  }
  if (!good || bucket === undefined) return undefined;
  return {
    bucket,
    prefix: prefix ? `${prefix}/` : "",
    storageClass,
    tags,
    ...given({ ...texts, sse, kmsKeyId, objectLock, forcePathStyle }),
  };
}

function isLock({ mode, days }: { readonly mode: unknown; readonly days: unknown }): boolean {
  const isMode = mode === "GOVERNANCE" || mode === "COMPLIANCE";
  return isMode && Number.isInteger(days) && Number(days) >= 1 && Number(days) <= 36_500;
}

/** Without the keys that have no value. */
function given<T extends object>(values: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}
