/** What a recorder is asked for. */
export interface RecordRequest {
  /** Absolute path of the migrations. */
  readonly folder: string;
  /** Which of them, as the tool names them. */
  readonly names: readonly string[];
  /** Absolute path of the project's own copy of the tool. */
  readonly tool: string;
}

/** One migration, as the SQL that its tool would send. */
export interface Recorded {
  readonly name: string;
  readonly up: string;
  readonly down?: string;
  readonly transaction: boolean;
}

/** What a recorder answers. */
export type RecordAnswer = { readonly migrations: readonly Recorded[] } | { readonly problem: string };

/**
 * The whole of a recorder's process: waits for the request, runs the project's own tool against nothing, answers and
 * ends. Whatever the migrations print goes nowhere.
 */
export async function record(
  tool: string,
  render: (request: RecordRequest) => Promise<readonly Recorded[]>,
): Promise<void> {
  const request = await new Promise<RecordRequest>((resolve) => process.once("message", resolve));
  const answer = await render(request).then(
    (migrations): RecordAnswer => ({ migrations }),
    (error: unknown): RecordAnswer => ({ problem: `${tool}: ${reasonOf(error)}` }),
  );
  process.send!(answer, () => process.exit(0));
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
