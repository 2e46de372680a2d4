import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import Type from "typebox";
import { allow } from "../auth/guard.ts";
import type { Config } from "../config.ts";
import { bearer } from "../openapi.ts";
import { Problem, problems } from "../problem.ts";
import { storeFile, TooLargeError } from "./store.ts";

/** What may be uploaded, and the extension it is kept under. */
const EXTENSIONS: Readonly<Record<string, string>> = {
  "application/pdf": "pdf",
  "image/jpeg": "jpg",
  "image/png": "png",
  "text/plain": "txt",
  "video/mp4": "mp4",
};

const Upload = Type.Object(
  { name: Type.String(), bytes: Type.Integer(), sha256: Type.String() },
  { description: "The file as it was stored." },
);

const binary = Object.fromEntries(Object.keys(EXTENSIONS).map((type) => [type, { schema: {} }]));

export const uploadRoutes: FastifyPluginAsyncTypebox<Config> = async (app, { uploadDir, uploadMaxBytes }) => {
  // The body stays a stream, and any other content type is a 415.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(Object.keys(EXTENSIONS), (_request, _stream, done) => done(null));

  app.post(
    "/upload/",
    {
      preParsing: allow("instructor", "admin"),
      schema: {
        summary: "Upload a file",
        description: `The file is the body, as it is, of at most ${uploadMaxBytes} bytes.`,
        operationId: "upload",
        tags: ["uploads"],
        security: bearer,
        body: { content: binary },
        response: { 201: Upload, ...problems(400, 401, 403, 413, 415, 429) },
      },
    },
    async ({ raw, headers }, reply) => {
      const type = headers["content-type"]?.split(";")[0]?.trim().toLowerCase() ?? "";
      const extension = EXTENSIONS[type];
      if (extension === undefined) throw new Problem(415, "Say what the file is in Content-Type.");
      const tooLarge = new Problem(413, `A file may have at most ${uploadMaxBytes} bytes.`);
      if (Number(headers["content-length"]) > uploadMaxBytes) throw tooLarge;
      try {
        const stored = await storeFile(raw, { folder: uploadDir, extension, maxBytes: uploadMaxBytes });
        return reply.code(201).send(stored);
      } catch (error) {
        raw.resume(); // read the rest to nowhere, so that the client comes to read the answer
        if (raw.errored) throw new Problem(400, "The upload was cut off.");
        throw error instanceof TooLargeError ? tooLarge : error;
      }
    },
  );
};
