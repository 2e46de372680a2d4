import { type BackupEntry, type Leftover, readCatalog } from "../../backup/catalog.ts";
import { EXIT } from "../../exit.ts";
import type { Paint } from "../../print.ts";
import { examples, type Verb } from "../../verb.ts";
import { chooseFolder, chooseStore, defineStore, readOps, type StoreVerbOptions } from "./where.ts";
import { ageText, bytesText, countText, plainBytesOf, rowsOf, table } from "./words.ts";

/** `seakeep backup list`: what the store holds, from the store alone. */
export const list: Verb<StoreVerbOptions> = {
  define(command) {
    defineStore(command);
    command.addHelpText(
      "after",
      `${examples([
        ["seakeep backup list", "The backups of the configuration's service, the newest last."],
        [
          "seakeep backup list --store s3://acme-backups/prod",
          "Everything in a store; no configuration needed.",
        ],
        ["seakeep backup list --json | jq '.[] | select(.state == \"damaged\")'", "What needs attention."],
      ])}
States: complete, all of it is there; proven, it was also restored and compared; damaged, some of it is not there, or was
found to be damaged when it was last read. Listing reads no data: \`seakeep backup verify --all\` does.
Exit codes: 0 also when a backup is damaged.
`,
    );
  },
  async run(options, invocation) {
    const { output, signal } = invocation;
    const ops = await readOps(options, invocation);
    const store = await chooseStore(options, ops);
    try {
      const { backups, leftovers } = await readCatalog(store, chooseFolder(options, ops), signal);
      const now = await store.now();
      output.result(
        backups.map((entry) => document(entry, store.url)),
        () => text(backups, now, output.paint),
      );
      for (const leftover of leftovers) output.note(unfinished(leftover));
      if (backups.length === 0)
        output.note(`note: ${store.url} holds no backup${leftovers.length > 0 ? " that counts" : ""}.`);
      return EXIT.passed;
    } finally {
      await store.close();
    }
  },
};

/**
 * One backup, for machines.
 *
 * @param store URL of the store
 */
export function document(entry: BackupEntry, store: string): object {
  const { id, folder, sequence, state, stored, bytes, manifest, proof, problems } = entry;
  return {
    ...{ id, store, service: manifest?.service ?? folder, sequence, state },
    ...{ storedAt: stored.toISOString(), bytes },
    ...(manifest && {
      snapshotAt: manifest.snapshotAt,
      plainBytes: plainBytesOf(manifest),
      tables: manifest.contents.tables.length,
      rows: rowsOf(manifest),
      encrypted: manifest.encryption !== undefined,
    }),
    ...(proof && { provenAt: proof.at, restoreSeconds: proof.seconds }),
    problems,
  };
}

function text(backups: readonly BackupEntry[], now: Date, paint: Paint): string {
  if (backups.length === 0) return "";
  const several = new Set(backups.map(({ folder }) => folder)).size > 1;
  const rows = backups.map(({ id, folder, stored, bytes, manifest, state, problems }) => [
    ...(several ? [folder] : []),
    id,
    ageText(now.getTime() - stored.getTime()),
    bytesText(bytes),
    manifest === undefined ? "?" : countText(rowsOf(manifest), "row"),
    `${painted(state, paint)}${problems.length > 0 ? `: ${problems[0]}` : ""}`,
  ]);
  return table([[...(several ? ["service"] : []), "id", "age", "size", "content", "state"], ...rows]);
}

/** A word, a shape and a colour: none of them alone. */
export function painted(state: BackupEntry["state"], paint: Paint): string {
  if (state === "damaged") return paint("red", "✗ damaged");
  return state === "proven" ? paint("green", "✓ proven") : paint("yellow", "· complete");
}

function unfinished({ id, objects }: Leftover): string {
  const bytes = objects.reduce((sum, object) => sum + object.bytes, 0);
  return `note: ${id} was never finished (${bytesText(bytes)}) and is no backup; a later create removes it.`;
}
