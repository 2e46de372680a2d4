import { StoreError } from "../error.ts";
import type { StoreFailure } from "../store.ts";

/** What is known of a failed request, of whatever layer. */
interface Failed {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  /** The right region, when S3 names it. */
  readonly Region?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly clockSkewCorrected?: boolean };
  readonly $response?: { readonly statusCode?: number };
}

interface Meaning {
  readonly reason: StoreFailure;
  readonly fix?: string;
}

const CHAIN =
  "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, choose a profile with AWS_PROFILE, or give this machine a role.";
const CREDENTIALS: Meaning = { reason: "denied", fix: CHAIN };
const EXPIRED: Meaning = { reason: "denied", fix: "Log in again, for example with `aws sso login`." };
const FULL: Meaning = { reason: "full" };
const CLASS: Meaning = {
  reason: "invalid",
  fix: 'Name a class that this store knows: storageClass: "STANDARD", or in a URL ?storageClass=STANDARD.',
};
const REGION: Meaning = {
  reason: "invalid",
  fix: "Name the bucket's region: region, or in a URL ?region=eu-central-1.",
};

const MEANINGS: Readonly<Record<string, Meaning>> = {
  NoSuchBucket: { reason: "invalid", fix: "Check its name, or create it: aws s3 mb s3://BUCKET." },
  InvalidBucketName: { reason: "invalid", fix: "Check the name of the bucket." },
  PermanentRedirect: REGION,
  AuthorizationHeaderMalformed: REGION,
  IllegalLocationConstraintException: REGION,
  InvalidStorageClass: CLASS,
  NotImplemented: {
    reason: "invalid",
    fix: "This store lacks a feature: try tags: false, and leave out sse, kmsKeyId and objectLock.",
  },
  CredentialsProviderError: CREDENTIALS,
  CredentialsError: CREDENTIALS,
  InvalidAccessKeyId: CREDENTIALS,
  SignatureDoesNotMatch: CREDENTIALS,
  ExpiredToken: EXPIRED,
  ExpiredTokenException: EXPIRED,
  TokenRefreshRequired: EXPIRED,
  InvalidToken: EXPIRED,
  RequestTimeTooSkewed: {
    reason: "unavailable",
    fix: "Set this machine's clock: it and the store's are more than 15 minutes apart.",
  },
  QuotaExceeded: FULL,
  XMinioStorageFull: FULL,
  StorageFull: FULL,
  PreconditionFailed: { reason: "conflict" },
};

/** By status, where the name says nothing; a HEAD's answer has none. */
function byStatus(status: number | undefined): Meaning {
  if (status === 401 || status === 403) return { reason: "denied" };
  if (status === 404) return { reason: "missing" };
  if (status === 412) return { reason: "conflict" };
  if (status === 507) return FULL;
  if (status !== undefined && status < 500 && ![408, 409, 429].includes(status)) return { reason: "invalid" };
  return { reason: "unavailable" };
}

const TRANSIENT: ReadonlySet<string> = new Set([
  ...[
    "SlowDown",
    "RequestTimeout",
    "InternalError",
    "ServiceUnavailable",
    "Throttling",
    "ThrottlingException",
  ],
  // What arrived was not what was sent.
  ...["BadDigest", "XAmzContentSHA256Mismatch", "IncompleteBody", "InvalidDigest"],
  ...["OperationAborted", "ConditionalRequestConflict", "TimeoutError", "ConcurrentModification"],
]);

/** HTTP status of a failed request. */
export function statusOf(error: unknown): number | undefined {
  const { $metadata, $response } = error as Failed;
  return $metadata?.httpStatusCode ?? $response?.statusCode;
}

/** True when the same request may succeed a moment later. */
export function isTransient(error: unknown): boolean {
  const failed = error as Failed;
  const { name = "", $metadata } = failed;
  if (TRANSIENT.has(name) || $metadata?.clockSkewCorrected) return true;
  if (name in MEANINGS) return false;
  const status = statusOf(failed);
  // No status: the connection failed. A broken answer with a good status counts as one of these, too.
  return (
    status === undefined ||
    status < 400 ||
    status === 408 ||
    status === 429 ||
    (status >= 500 && status !== 501 && status !== 507)
  );
}

/**
 * What a failed request means. What the server said is quoted, shortened and without key ids; nothing else of it is
 * kept, for it holds signatures.
 */
export function failureOf(error: unknown, doing: string): StoreError {
  if (error instanceof StoreError) return error;
  const failed = error as Failed;
  const { name = "Error", code, Region } = failed;
  const status = statusOf(failed);
  const { reason, fix } = MEANINGS[name] ?? byStatus(status);
  const said = quoted(failed.message ?? "") || "no reason given";
  const label = code ?? name;
  const why =
    status === undefined ? `It was ${label}: ${said}` : `The store answered ${status} ${label}: ${said}`;
  const region =
    Region && /^[a-z0-9-]{1,64}$/.test(Region) ? `It is in ${Region}: name that as region.` : undefined;
  return new StoreError(reason, `${doing} failed.`, {
    why: `${why.replace(/\.$/, "")}.`,
    ...(fix !== undefined && { fix: region ?? fix }),
  });
}

function quoted(message: string): string {
  return message
    .replace(/[^ -~]+/g, " ")
    .replace(/\b(AKIA|ASIA)[A-Z0-9]{8,}/g, "$1...")
    .replace(/(signature|credential|token|secret|key)=[^\s&]+/gi, "$1=...")
    .slice(0, 300)
    .trim();
}
