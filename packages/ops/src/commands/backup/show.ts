import type { BackupEntry } from "../../backup/catalog.ts";
import type { Manifest } from "../../backup/manifest.ts";
import { EXIT } from "../../exit.ts";
import type { Paint } from "../../print.ts";
import { examples, type Verb } from "../../verb.ts";
import { document, painted } from "./list.ts";
import {
  chooseBackup,
  chooseFolder,
  chooseStore,
  defineStore,
  readOps,
  type StoreVerbOptions,
} from "./where.ts";
import { bytesText, countText, plainBytesOf, rowsOf, storedBytesOf, table } from "./words.ts";

/** Most tables that are shown to people; machines get all. */
const MOST = 20;

/** `seakeep backup show`: what one backup holds, by its manifest. */
export const show: Verb<StoreVerbOptions> = {
  define(command) {
    command.argument("<id>", "of the backup, a beginning of it, or latest");
    defineStore(command);
    command.addHelpText(
      "after",
      examples([
        ["seakeep backup show latest", "Tables, rows, sizes, recipients and the newest proof."],
        [
          "seakeep backup show b000042 --json | jq '.manifest.contents.tables'",
          "Rows and hash of every table.",
        ],
      ]),
    );
  },
  async run(options, invocation) {
    const { output, signal } = invocation;
    const ops = await readOps(options, invocation);
    const store = await chooseStore(options, ops);
    try {
      const entry = await chooseBackup(store, chooseFolder(options, ops), options.operands[0]!, signal);
      const { manifest, proof } = entry;
      output.result(
        { ...document(entry, store.url), ...(proof && { proof }), ...(manifest && { manifest }) },
        () => text(entry, output.paint),
      );
      return EXIT.passed;
    } finally {
      await store.close();
    }
  },
};

function text(entry: BackupEntry, paint: Paint): string {
  const { id, state, proof, finding, manifest, problems } = entry;
  return [
    `${paint("bold", id)}  ${painted(state, paint)}`,
    ...problems.map((problem) => `  ${problem}`),
    ...(finding && finding.damage.length > 0 ? [`  read on ${finding.at}, by ${finding.tool}`] : []),
    ...(proof ? [`  restored and compared on ${proof.at}, in ${proof.seconds} s`] : []),
    ...(manifest ? facts(manifest) : []),
  ].join("\n");
}

function facts(manifest: Manifest): string[] {
  const { database, snapshotAt, encryption, contents, tool } = manifest;
  const { tables, sequences, largeObjects, extensions, migration } = contents;
  const largest = tables.toSorted((a, b) => b.bytes - a.bytes);
  const rows = largest
    .slice(0, MOST)
    .map(({ schema, name, rows: count, bytes }) => [
      `  ${schema}.${name}`,
      countText(count, "row"),
      bytesText(bytes),
    ]);
  return [
    `  database ${database.name}, Postgres ${Math.floor(database.version / 10_000)}, as of ${snapshotAt}`,
    `  ${countText(tables.length, "table")}, ${countText(rowsOf(manifest), "row")}, ${countText(sequences.length, "sequence")}, ${countText(largeObjects.count, "large object")}`,
    `  ${bytesText(plainBytesOf(manifest))} in ${bytesText(storedBytesOf(manifest))}, by ${tool}`,
    `  ${encryption === undefined ? "not encrypted" : `encrypted to ${encryption.recipients.join(", ")}`}`,
    ...(migration ? [`  newest migration: ${migration.version} (${migration.tool})`] : []),
    ...(extensions.length > 0
      ? [`  extensions: ${extensions.map(({ name, version }) => `${name} ${version}`).join(", ")}`]
      : []),
    ...(rows.length > 0 ? ["", table(rows)] : []),
    ...(largest.length > MOST ? [`  and ${countText(largest.length - MOST, "smaller table")}`] : []),
  ];
}
