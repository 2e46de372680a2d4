/** What Seakeep uses of `@sentry/node`, 8 and above; the module itself fits. */
export interface SentryModule {
  init(options: object): unknown;
  getClient(): unknown;
  withIsolationScope<Result>(work: (scope: SentryScope) => Result): Result;
  captureException(error: unknown): unknown;
}

interface SentryScope {
  // Generic, so that Sentry's own Event, which differs between versions, passes through unharmed.
  addEventProcessor(process: <Event extends SentryEvent>(event: Event) => Event): unknown;
}

interface SentryEvent {
  release?: string | undefined;
  tags?: object | undefined;
}

/** What each event of a request should carry; asked when an event happens, for the route is known late. */
interface SentryTags {
  readonly requestId: string;
  readonly route: string;
}

/** Sentry, made safe: it may be missing, down or throwing, and the request goes on. */
export interface SentryPort {
  /** Runs the handling of a request so that every event in it, also of the application's own, has its tags. */
  run<Result>(tags: () => SentryTags, work: () => Result): Result;
  capture(error: unknown): void;
}

export interface SentrySetup {
  readonly module: SentryModule | false | undefined;
  readonly dsn: string | undefined;
  readonly release: string | undefined;
  readonly failed: (error: unknown) => void;
  /** Default: `import("@sentry/node")`. */
  readonly load?: () => Promise<SentryModule>;
}

/**
 * The integrations that describe an event. The others change the process (unhandled rejections would no longer end
 * it) or hook each request, and a service must run the same with Sentry as without.
 */
const KEPT = new Set([
  ...["ContextLines", "Dedupe", "EventFilters", "FunctionToString", "InboundFilters"],
  ...["LinkedErrors", "Modules", "NodeContext", "Context"],
]);

/** Sentry as the options and the environment ask for it; at once when the module was handed in. */
export function connectSentry(setup: SentrySetup): SentryPort | undefined | Promise<SentryPort | undefined> {
  const { module, dsn, failed } = setup;
  if (module === false) return undefined;
  if (module !== undefined) return port(module, setup);
  if (dsn === undefined) return undefined;
  const load = setup.load ?? loadPackage;
  return load().then(
    (loaded) => start(loaded, setup),
    (error) => {
      failed(error);
      return undefined;
    },
  );
}

// The name is a variable so that neither compiler nor bundler asks for a package that few have.
const PACKAGE = "@sentry/node";
const loadPackage = async (): Promise<SentryModule> => (await import(PACKAGE)) as SentryModule;

function start(sentry: SentryModule, setup: SentrySetup): SentryPort | undefined {
  try {
    // Set up by the application already: its settings stand.
    if (sentry.getClient() === undefined) {
      sentry.init({
        dsn: setup.dsn,
        release: setup.release,
        sendDefaultPii: false,
        integrations: (defaults: readonly { name: string }[]) =>
          defaults.filter(({ name }) => KEPT.has(name)),
      });
    }
    return port(sentry, setup);
  } catch (error) {
    setup.failed(error);
    return undefined;
  }
}

function port(sentry: SentryModule, { release, failed }: SentrySetup): SentryPort {
  return {
    run(tags, work) {
      let ran = false;
      try {
        return sentry.withIsolationScope((scope) => {
          tag(scope, tags);
          ran = true;
          return work();
        });
      } catch (error) {
        if (ran) throw error;
        failed(error);
        return work();
      }
    },
    capture(error) {
      try {
        sentry.captureException(error);
      } catch (fault) {
        failed(fault);
      }
    },
  };

  function tag(scope: SentryScope, ask: () => SentryTags): void {
    scope.addEventProcessor((event) => {
      const { requestId, route } = ask();
      const tags = { ...event.tags, request_id: requestId, route };
      return Object.assign(event, { tags, release: event.release ?? release });
    });
  }
}
