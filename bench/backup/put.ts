import { S3 } from "@aws-sdk/client-s3";

/**
 * Stores standard input as `aws s3 cp - s3://...` does: a multipart upload, four parts of 16 MiB at once. Nothing is
 * hashed beyond the signature, sealed or compared. Started by the benchmark: put.js <endpoint> <bucket> <key>
 */
const PART = 16 * 1024 * 1024;
const AT_ONCE = 4;

const [endpoint = "", Bucket = "", Key = ""] = process.argv.slice(2);
const s3 = new S3({ endpoint, forcePathStyle: true, requestChecksumCalculation: "WHEN_REQUIRED" });
const { UploadId } = await s3.createMultipartUpload({ Bucket, Key });
const parts: { PartNumber: number; ETag: string | undefined }[] = [];
const underWay = new Set<Promise<void>>();
let chunks: Buffer[] = [];
let filled = 0;

async function send(): Promise<void> {
  const Body = Buffer.concat(chunks);
  chunks = [];
  filled = 0;
  const part: (typeof parts)[number] = { PartNumber: parts.length + 1, ETag: undefined };
  parts.push(part);
  const sending = s3
    .uploadPart({ Bucket, Key, UploadId, PartNumber: part.PartNumber, Body })
    .then((answer) => {
      part.ETag = answer.ETag;
      underWay.delete(sending);
    });
  underWay.add(sending);
  if (underWay.size >= AT_ONCE) await Promise.race(underWay);
}

for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
  chunks.push(chunk);
  filled += chunk.length;
  if (filled >= PART) await send();
}
await send();
await Promise.all(underWay);
await s3.completeMultipartUpload({ Bucket, Key, UploadId, MultipartUpload: { Parts: parts } });
