import type { Problems } from "@seakeep/contract";
import type { Text } from "../../config/values.ts";
import type { Store } from "./store.ts";

/** What a store kind may ask of the configuration that it stands in. */
export interface StoreScope {
  /** The text, with the environment read; adds a problem and answers `undefined` when the variable is missing. */
  readonly text: (written: Text, key: string) => string | undefined;
  /** Adds a problem at a key of this store. */
  readonly problem: Problems["add"];
}

/** How to open. */
export interface OpenOptions {
  /**
   * Make the folder of a `file:` store when only the folder above it exists. Default false: a mistyped path would
   * otherwise look like a store without backups. For verbs that write.
   */
  readonly create?: boolean;
}

/** A store whose settings are known to be good, not yet asked for anything. */
export interface StoreSettings {
  /** Its URL without secrets. */
  readonly url: string;
  /** @throws {StoreError} when it is known now that it cannot work; S3 is not asked for anything before the first call. */
  open(options?: OpenOptions): Promise<Store>;
}

/** What a store kind such as `s3(...)` returns. Nothing is checked before the configuration is loaded. */
export interface StoreDeclaration {
  readonly kind: string;
  /** Checks what was written and reads the environment that it names; `undefined` when problems were added. */
  readonly resolve: (scope: StoreScope) => StoreSettings | undefined;
}
