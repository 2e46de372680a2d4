import { createHash, createHmac } from "node:crypto";
import type { IncomingMessage } from "node:http";

const FORM =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([a-z0-9-]+)\/s3\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/;

/**
 * What is wrong with a request's AWS Signature Version 4, as an S3 error code; `undefined` when it is right.
 *
 * @param body its SHA-256 must be the signed one
 */
export function signatureProblem(
  request: IncomingMessage,
  body: Buffer,
  { id, secret, now }: { readonly id: string; readonly secret: string; readonly now: number },
): string | undefined {
  const [, who, day = "", region = "", names = "", signature] =
    FORM.exec(request.headers.authorization ?? "") ?? [];
  if (who === undefined) return "AccessDenied";
  if (who !== id) return "InvalidAccessKeyId";
  const time = String(request.headers["x-amz-date"]);
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(time) ?? [];
  const sent = Date.UTC(Number(y), Number(mo) - 1, Number(d), Number(h), Number(mi), Number(s));
  if (!(Math.abs(sent - now) < 15 * 60_000)) return "RequestTimeTooSkewed";
  const hash = String(request.headers["x-amz-content-sha256"]);
  if (hash !== createHash("sha256").update(body).digest("hex")) return "XAmzContentSHA256Mismatch";
  const signed = names.split(";");
  const sentHeaders = Object.keys(request.headers).filter((name) => name.startsWith("x-amz-"));
  if (!signed.includes("host") || sentHeaders.some((name) => !signed.includes(name))) return "AccessDenied";
  const url = new URL(request.url ?? "/", "http://localhost");
  const query = [...url.searchParams]
    .map(([key, value]) => `${escaped(key)}=${escaped(value)}`)
    .sort()
    .join("&");
  const headers = signed.map((name) => `${name}:${String(request.headers[name]).trim()}\n`).join("");
  const canonical = [request.method, url.pathname, query, headers, names, hash].join("\n");
  const scope = `${day}/${region}/s3/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", time, scope, createHash("sha256").update(canonical).digest("hex")].join(
    "\n",
  );
  const hmac = (key: string | Buffer, part: string) => createHmac("sha256", key).update(part).digest();
  const key = [region, "s3", "aws4_request"].reduce<Buffer>(hmac, hmac(`AWS4${secret}`, day));
  return hmac(key, text).toString("hex") === signature ? undefined : "SignatureDoesNotMatch";
}

function escaped(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
