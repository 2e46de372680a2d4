import type { Ajv2020 } from "ajv/dist/2020.js";
import type { resolveRef, SchemaEnv } from "ajv/dist/compile/index.js";

/**
 * Looks a `$ref` up when a value gets to it. The compiler's own way is to compile everything that can be reached, each
 * schema inside the one that refers to it: for a few hundred that refer to each other the stack has no room. It is the
 * only one, though, that tells `unevaluatedProperties` and `unevaluatedItems` what was looked at behind a reference.
 *
 * @param resolve of ajv, which loads when it is needed
 */
export function referLazily(ajv: Ajv2020, resolve: typeof resolveRef): void {
  ajv.removeKeyword("$ref");
  ajv.addKeyword({
    keyword: "$ref",
    schemaType: "string",
    compile(ref: string, _schema, { baseId, schemaEnv: { root } }) {
      let target: SchemaEnv | boolean | undefined;
      const follow: Follow = (data, place) => {
        target ??= resolve.call(ajv, root, baseId, ref) as SchemaEnv | boolean | undefined;
        // `true` and `false` are schemas too.
        if (typeof target === "boolean") return target;
        if (target?.validate === undefined)
          throw new Error(`can't resolve reference ${ref} from id ${baseId}`);
        const isValid = target.validate(data, place) === true;
        follow.errors = target.validate.errors ?? [];
        return isValid;
      };
      return follow;
    },
  });
}

type Validate = NonNullable<SchemaEnv["validate"]>;

interface Follow {
  (data: unknown, place?: Parameters<Validate>[1]): boolean;
  errors?: NonNullable<Validate["errors"]>;
}
