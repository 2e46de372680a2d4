/**
 * What a decision rests on: each dimension asks one question, and its answers are all there are. `unknown` is one of them
 * each time, and never counts for anything good.
 */
export const DIMENSIONS = {
  data: {
    asks: "Is data damaged?",
    answers: {
      sound: "every expectation of the data holds",
      damaged: "an expectation fails, or the operator says so",
      unknown: "nothing was held against the data",
    },
    get: "declare drill.expect, or say --data-sound or --data-damaged",
  },
  service: {
    asks: "Is the service harmed?",
    answers: {
      healthy: "no SLO burned its budget since the deploy",
      recovered: "it burned, and no longer does",
      harmed: "an SLO burns its budget now, or a page fires",
      unknown: "an SLO has no data",
    },
    get: "configure signals that reach the service, or say --harmed or --healthy",
  },
  deploy: {
    asks: "Was there a deploy before it?",
    answers: {
      made: "a release record or the operator names one",
      none: "there was none",
      unknown: "nothing says",
    },
    get: "say --since TIME when the deploy began, or --no-deploy",
  },
  previous: {
    asks: "Can the version before be deployed?",
    answers: {
      known: "it is named, and nothing says that it is gone",
      gone: "it is no longer there, or nothing is configured that deploys it",
      unknown: "nobody says which it was",
    },
    get: "name it with --to VERSION",
  },
  schema: {
    asks: "Does the version before run on the schema as it is?",
    answers: {
      unchanged: "no migration was applied in between",
      fits: "it is proven to",
      breaks: "it is proven not to",
      unknown: "it is not proven, or it is not known what was applied",
    },
    get: "run seakeep migrations prove, and say --migrated-after NAME",
  },
  down: {
    asks: "Can the migrations in between be taken back?",
    answers: {
      lossless: "each down migration is proven to restore, and drops nothing that holds data",
      loses: "each is proven to restore, and drops what was written since",
      impossible: "one has no down migration, or one that does not restore",
      unknown: "it is not proven, or what it would drop cannot be counted",
    },
    get: "run seakeep migrations prove",
  },
  backup: {
    asks: "Is there a backup from before it?",
    answers: {
      proven: "it was restored and compared",
      unproven: "it is whole, and was never restored",
      none: "there is none that is sound",
      unknown: "the store could not be read, or is not configured",
    },
    get: "prove it with seakeep drill --id, or let the store be read",
  },
  loss: {
    asks: "What would be lost by restoring it?",
    answers: {
      nothing: "the database holds what the backup holds",
      counted: "rows were written since, and are counted",
      unknown: "they could not be counted",
    },
    get: "let the database be read",
  },
} as const;

export type Dimension = keyof typeof DIMENSIONS;

/** The answers of one dimension. */
export type Answer<D extends Dimension> = keyof (typeof DIMENSIONS)[D]["answers"] & string;

/** One answer to each question. */
export type Evidence = { readonly [D in Dimension]: Answer<D> };

/** In the order in which they are asked. */
export const QUESTIONS: readonly Dimension[] = Object.keys(DIMENSIONS) as Dimension[];

/** Every answer that a question may have. */
export function answersOf<D extends Dimension>(dimension: D): readonly Answer<D>[] {
  return Object.keys(DIMENSIONS[dimension].answers) as Answer<D>[];
}
