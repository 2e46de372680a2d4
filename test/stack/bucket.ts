import { createHash, createHmac } from "node:crypto";
import type { Ceph } from "./ceph.ts";

type Where = Pick<Ceph, "endpoint" | "env">;

/** Creates a bucket: what the product leaves to its users. */
export async function createBucket(
  where: Where,
  bucket: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  const response = await signedFetch(where, "PUT", `/${bucket}`, "", headers);
  if (!response.ok) throw new Error(`creating ${bucket}: ${response.status} ${await response.text()}`);
}

/**
 * Asks S3 something, signed by hand (AWS Signature Version 4), so that a test is not judged by the library that it tests.
 *
 * @param query as it is signed: sorted and escaped, such as `tagging=`
 */
export function signedFetch(
  { endpoint, env }: Where,
  method: string,
  path: string,
  query = "",
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const { AWS_ACCESS_KEY_ID: id = "", AWS_SECRET_ACCESS_KEY: secret = "" } = env;
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  const day = time.slice(0, 8);
  const empty = createHash("sha256").digest("hex");
  const signed: Record<string, string> = {
    ...headers,
    host: new URL(endpoint).host,
    "x-amz-content-sha256": empty,
    "x-amz-date": time,
  };
  const names = Object.keys(signed).sort();
  const lines = names.map((name) => `${name}:${signed[name]}\n`).join("");
  const canonical = [method, path, query, lines, names.join(";"), empty].join("\n");
  const scope = `${day}/us-east-1/s3/aws4_request`;
  const digest = createHash("sha256").update(canonical).digest("hex");
  const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
  const key = ["us-east-1", "s3", "aws4_request"].reduce<Buffer>(hmac, hmac(`AWS4${secret}`, day));
  const signature = hmac(key, ["AWS4-HMAC-SHA256", time, scope, digest].join("\n")).toString("hex");
  const authorization = `AWS4-HMAC-SHA256 Credential=${id}/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
  const { host: _host, ...sent } = signed;
  return fetch(`${endpoint}${path}${query && `?${query}`}`, { method, headers: { ...sent, authorization } });
}
