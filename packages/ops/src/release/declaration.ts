import { nearest, type Problems } from "@seakeep/contract";
import * as v from "valibot";
import type { StoreDeclaration, StoreScope, StoreSettings } from "../backup/stores/declaration.ts";
import type { EnvValue, Secret, Text } from "../config/values.ts";
import { MIGRATION_CLASSES, type MigrationClass } from "../migrations/proof.ts";
import { GATE_NAMES, type GateName } from "./gate-names.ts";

/** What `seakeep release` asks for, as written in `seakeep.config.ts`. */
export interface ReleaseDeclaration {
  /** Classes of migration that may be shipped; default `["forward-compatible", "reversible"]`. */
  readonly accept?: readonly MigrationClass[];
  /** Percent of each error budget of which more must be left; default 0: something must be. */
  readonly budgetLeft?: number;
  /**
   * Gates that cannot tell here, each with the reason: a standing `--waive`. A gate that fails is not waived by it.
   */
  readonly waive?: Readonly<Partial<Record<GateName, string>>>;
  /** Further variables and secrets that must be set where a release is decided. */
  readonly needs?: readonly (EnvValue | Secret)[];
  /** Where decisions are recorded; default: the store of backups. */
  readonly record?: StoreDeclaration;
  /** Public keys (Ed25519, as PEM or the one line between its dashes) whose signatures on records count. */
  readonly signers?: readonly Text[];
}

/** The same, checked. */
export interface ReleaseSettings {
  readonly accept: readonly MigrationClass[];
  /** Share, 0 to 1. */
  readonly budgetLeft: number;
  readonly waive: Readonly<Partial<Record<GateName, string>>>;
  readonly record?: StoreSettings;
  /** As written. */
  readonly signers: readonly string[];
}

const kindOf = (value: unknown): string | undefined => {
  const { kind, name } = (value ?? {}) as { readonly kind?: string; readonly name?: unknown };
  return typeof name === "string" ? kind : undefined;
};
const isNamed = (value: unknown): boolean => ["env", "secret"].includes(kindOf(value) ?? "");
const isText = (value: unknown): boolean => typeof value === "string" || kindOf(value) === "env";
const PERCENT = "a number from 0 to 100";

/** The shape of the section `release`. */
export const RELEASE_SCHEMA: v.GenericSchema = v.strictObject(
  {
    accept: v.optional(
      v.pipe(
        v.array(
          v.picklist(MIGRATION_CLASSES, `one of ${MIGRATION_CLASSES.join(", ")}`),
          'a list such as ["forward-compatible", "reversible"]',
        ),
        v.minLength(1, "at least one class"),
      ),
    ),
    budgetLeft: v.optional(v.pipe(v.number(PERCENT), v.minValue(0, PERCENT), v.maxValue(100, PERCENT))),
    waive: v.optional(
      v.record(v.string(), v.string("the reason, as a text"), 'an object such as { drill: "no database" }'),
    ),
    needs: v.optional(
      v.array(v.custom<EnvValue | Secret>(isNamed, 'env("NAME") or secret("NAME")'), "a list of names"),
    ),
    record: v.optional(
      v.custom<StoreDeclaration>(
        (value) => typeof (value as Partial<StoreDeclaration> | null)?.resolve === "function",
        'a store such as fs("releases")',
      ),
    ),
    signers: v.optional(
      v.array(v.custom<Text>(isText, 'a public key or env("NAME")'), "a list of public keys"),
    ),
  },
  'an object such as { accept: ["forward-compatible"] }',
);

/** What resolving needs of the configuration around it. */
export interface ReleaseScope {
  readonly text: (written: Text, path: string) => string | undefined;
  readonly store: (path: string) => StoreScope;
  readonly problems: Problems;
}

/** Fills in the defaults, and reports gates that there are not. */
export function resolveRelease(
  written: ReleaseDeclaration = {},
  { text, store, problems }: ReleaseScope,
): ReleaseSettings {
  const record = written.record?.resolve(store("release.record"));
  for (const [gate, reason] of Object.entries(written.waive ?? {})) {
    const path = `release.waive.${gate}`;
    if (!(GATE_NAMES as readonly string[]).includes(gate)) {
      const near = nearest(gate, GATE_NAMES);
      const fix = near === undefined ? "Remove it." : `Rename it to \`${near}\`.`;
      problems.report({ path, got: "an unknown gate", wanted: `one of ${GATE_NAMES.join(", ")}`, fix });
    } else if (reason.trim() === "") {
      problems.add(path, reason, "the reason, in words", "Say why that gate cannot tell here.");
    }
  }
  for (const [index, needed] of (written.needs ?? []).entries()) {
    if (needed.kind === "env") text(needed, `release.needs[${index}]`);
  }
  return {
    accept: written.accept ?? ["forward-compatible", "reversible"],
    budgetLeft: (written.budgetLeft ?? 0) / 100,
    waive: written.waive ?? {},
    ...(record && { record }),
    signers: (written.signers ?? []).flatMap((key, index) => text(key, `release.signers[${index}]`) ?? []),
  };
}
