import { type Answer, answersOf, type Dimension, type Evidence, QUESTIONS } from "./dimensions.ts";

/** What can be advised, and what each means. */
export const DECISIONS = {
  wait: "leave everything as it is",
  "roll-back-app": "deploy the version before; the database stays as it is",
  "revert-migration-then-app": "take the migrations back, then deploy the version before",
  "restore-database": "put a backup in the place of the database; what was written since is lost",
  "roll-forward": "mend it with a new version: going back would not help, or would cost more",
  "find-out": "what is not known yet decides it: get that first, change nothing",
} as const;

export type Decision = keyof typeof DECISIONS;

/** One row: when all that it names is so, and no row above it holds, this is decided. */
export interface Rule {
  readonly id: string;
  /** Answers of each question that it asks; any of the list will do. */
  readonly when: { readonly [D in Dimension]?: readonly Answer<D>[] };
  readonly decision: Decision;
  /** Why, in a sentence or two. Words in braces are filled in: see `fill`. */
  readonly because: string;
  /** For `find-out`: which answer is missing. */
  readonly get?: Dimension;
}

/**
 * The decision matrix. The first row that holds decides, and the last of each part holds for all that is left, so exactly
 * one decides each combination.
 *
 * Data first: only for damaged data is anything given up, and only when the backup is proven and its cost is known. Then
 * the service: what is not harmed is left alone. Then the cheapest way back that is known to lose nothing; where there is
 * none, the way is forward.
 */
export const MATRIX: readonly Rule[] = [
  {
    id: "damaged-deploy-unknown",
    when: { data: ["damaged"], deploy: ["unknown"] },
    decision: "find-out",
    get: "deploy",
    because:
      "Data is damaged, and it is not known whether a deploy did it: no backup from before the damage can be chosen.",
  },
  {
    id: "damaged-previous-gone",
    when: { data: ["damaged"], deploy: ["made"], previous: ["gone"] },
    decision: "roll-forward",
    because:
      "Data is damaged, and the version before cannot be deployed: restored data would meet the same code again. Mend the code first.",
  },
  {
    id: "damaged-previous-unknown",
    when: { data: ["damaged"], deploy: ["made"], previous: ["unknown"] },
    decision: "find-out",
    get: "previous",
    because:
      "Data is damaged since a deploy, and it is not known which version to go back to: restored data would meet the same code again.",
  },
  {
    id: "damaged-backup-unknown",
    when: { data: ["damaged"], backup: ["unknown"] },
    decision: "find-out",
    get: "backup",
    because: "Data is damaged, and it is not known whether there is a backup from before that.",
  },
  {
    id: "damaged-no-backup",
    when: { data: ["damaged"], backup: ["none"] },
    decision: "roll-forward",
    because: "Data is damaged, and no sound backup is from before that: it has to be mended where it is.",
  },
  {
    id: "damaged-backup-unproven",
    when: { data: ["damaged"], backup: ["unproven"] },
    decision: "find-out",
    get: "backup",
    because: "Data is damaged, and {backup} was never restored: prove it before anything is given up for it.",
  },
  {
    id: "damaged-loss-unknown",
    when: { data: ["damaged"], loss: ["unknown"] },
    decision: "find-out",
    get: "loss",
    because: "Data is damaged, and it is not known what restoring {backup} would lose.",
  },
  {
    id: "damaged",
    when: { data: ["damaged"] },
    decision: "restore-database",
    because: "Data is damaged, and {backup} from before that is proven. Restoring it loses {loss}.",
  },
  {
    id: "service-unknown",
    when: { service: ["unknown"] },
    decision: "find-out",
    get: "service",
    because: "It is not known whether the service is harmed.",
  },
  {
    id: "well-data-unknown",
    when: { service: ["healthy", "recovered"], data: ["unknown"] },
    decision: "find-out",
    get: "data",
    because: "The service answers as it should, and nothing was held against its data.",
  },
  {
    id: "healthy",
    when: { service: ["healthy"] },
    decision: "wait",
    because: "The service keeps its promises and its data is sound.",
  },
  {
    id: "recovered",
    when: { service: ["recovered"] },
    decision: "wait",
    because:
      "The service was harmed and is no longer, and its data is sound: going back would disturb it again.",
  },
  {
    id: "harmed-no-deploy",
    when: { deploy: ["none"] },
    decision: "roll-forward",
    because:
      "The service is harmed, and no deploy came before it: going back to the same version changes nothing.",
  },
  {
    id: "harmed-deploy-unknown",
    when: { deploy: ["unknown"] },
    decision: "find-out",
    get: "deploy",
    because: "The service is harmed, and it is not known whether a deploy came before it.",
  },
  {
    id: "harmed-previous-gone",
    when: { previous: ["gone"] },
    decision: "roll-forward",
    because: "The service is harmed since a deploy, and the version before can no longer be deployed.",
  },
  {
    id: "harmed-previous-unknown",
    when: { previous: ["unknown"] },
    decision: "find-out",
    get: "previous",
    because: "The service is harmed since a deploy, and it is not known which version to go back to.",
  },
  {
    id: "harmed-schema-unchanged",
    when: { schema: ["unchanged"] },
    decision: "roll-back-app",
    because:
      "The service is harmed since {current} was deployed, and no migration came with it: {previous} can take over as it was.",
  },
  {
    id: "harmed-schema-fits",
    when: { schema: ["fits"] },
    decision: "roll-back-app",
    because:
      "The service is harmed since {current} was deployed, and {previous} is proven to run on the schema as it is: nothing of the database need be touched.",
  },
  {
    id: "harmed-down-lossless",
    when: { down: ["lossless"] },
    decision: "revert-migration-then-app",
    because:
      "The service is harmed since {current} was deployed, {previous} is not proven to run on its schema, and taking back {migrations} is proven to lose nothing.",
  },
  {
    id: "harmed-schema-unknown",
    when: { schema: ["unknown"] },
    decision: "find-out",
    get: "schema",
    because:
      "The service is harmed since {current} was deployed, and it is not known whether {previous} runs on its schema.",
  },
  {
    id: "harmed-down-unknown",
    when: { down: ["unknown"] },
    decision: "find-out",
    get: "down",
    because:
      "The service is harmed, {previous} does not run on the schema of {current}, and it is not known what taking {migrations} back would lose.",
  },
  {
    id: "harmed-down-loses",
    when: { down: ["loses"] },
    decision: "roll-forward",
    because:
      "The service is harmed, {previous} does not run on the schema of {current}, and taking {migrations} back would lose {dropped}: data that is sound is not given up.",
  },
  {
    id: "harmed-down-impossible",
    when: { down: ["impossible"] },
    decision: "roll-forward",
    because:
      "The service is harmed, {previous} does not run on the schema of {current}, and {migrations} cannot be taken back.",
  },
];

/** The row that decides. */
export function decide(evidence: Evidence): Rule {
  return MATRIX.find((rule) => holds(rule, evidence))!;
}

/** Whether all that a row asks for is so. */
export function holds({ when }: Rule, evidence: Evidence): boolean {
  return QUESTIONS.every((dimension) => {
    const wanted: readonly string[] | undefined = when[dimension];
    return wanted === undefined || wanted.includes(evidence[dimension]);
  });
}

/** Everything that the answers which are not known could turn out to be. */
export function* possibilities(evidence: Evidence): Generator<Evidence> {
  const open = QUESTIONS.find((dimension) => evidence[dimension] === "unknown");
  if (open === undefined) {
    yield evidence;
    return;
  }
  for (const answer of answersOf(open)) {
    if (answer !== "unknown") yield* possibilities({ ...evidence, [open]: answer });
  }
}

/**
 * Which of the missing answers would change the decision, the one that the deciding row asks for first. Empty when the
 * decision stands whatever they are.
 */
export function missing(evidence: Evidence): readonly Dimension[] {
  const open = QUESTIONS.filter((dimension) => evidence[dimension] === "unknown");
  const matters = open.filter((dimension) =>
    [...possibilities({ ...evidence, [dimension]: answersOf(dimension)[0] })].some((possible) => {
      const decisions = answersOf(dimension)
        .filter((answer) => answer !== "unknown")
        .map((answer) => decide({ ...possible, [dimension]: answer } as Evidence).decision);
      return new Set(decisions).size > 1;
    }),
  );
  const { get } = decide(evidence);
  return [...new Set([...(get === undefined ? [] : [get]), ...matters])];
}
