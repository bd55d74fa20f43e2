/** One request as the stand-in saw it. */
export interface Call {
  readonly at: string;
  readonly method: string;
  /** The published path template, or git, or graphql. */
  readonly route: string;
  readonly path: string;
  readonly status: number;
  /** Whether it counted against a rate limit. */
  readonly counted: boolean;
  readonly resource: "core" | "graphql" | "none";
  /** For example installation:1004, user:author, app, anonymous. */
  readonly by: string;
  readonly milliseconds: number;
  /** The rules that struck it. What they did to the answer is theirs to know: the rest is as if it had arrived. */
  readonly faults?: readonly number[];
}

/** How often one caller used one route. */
export interface CallTotal {
  readonly by: string;
  readonly method: string;
  readonly route: string;
  readonly resource: Call["resource"];
  readonly calls: number;
  /** Of those, the ones that counted against a rate limit. */
  readonly counted: number;
  /** Of those, the ones that were told that nothing changed. */
  readonly unchanged: number;
}

export type CallLog = readonly Call[];

const mostCalls = 100_000;
const hour = 3_600_000;

export interface Budget {
  readonly limit: number;
  readonly remaining: number;
  readonly used: number;
  /** Seconds since 1970. */
  readonly reset: number;
}

interface Window {
  used: number;
  readonly endsAt: number;
}

/** Remembers calls, and counts them against each caller's hourly limits as GitHub does. */
export class Calls {
  readonly #now: () => Date;
  readonly #limit: number;
  readonly #log: Call[] = [];
  readonly #totals = new Map<string, CallTotal>();
  readonly #windows = new Map<string, Window>();

  constructor(now: () => Date, limit: number) {
    this.#now = now;
    this.#limit = limit;
  }

  log(): CallLog {
    return this.#log;
  }

  /** Of everything since the last `clear`, also of what the log has no room for any more. */
  totals(): CallTotal[] {
    return [...this.#totals.values()];
  }

  /** Forgets what was called; what is left of the limits stays. */
  clear(): void {
    this.#log.length = 0;
    this.#totals.clear();
  }

  record(call: Call): void {
    this.#addToTotal(call);
    if (this.#log.length >= mostCalls) this.#log.shift();
    this.#log.push(call);
  }

  /** Counts calls of one caller (none: only asks) and says what is left of the hour's budget. */
  count(by: string, resource: "core" | "graphql", points: number): Budget {
    const now = this.#now().getTime();
    const name = `${resource} ${by}`;
    let window = this.#windows.get(name);
    if (window === undefined || window.endsAt <= now) {
      window = { used: 0, endsAt: now + hour };
      this.#windows.set(name, window);
    }
    window.used += points;
    const limit = by === "anonymous" ? Math.min(this.#limit, 60) : this.#limit;
    return {
      limit,
      used: Math.min(window.used, limit),
      remaining: Math.max(limit - window.used, 0),
      reset: Math.floor(window.endsAt / 1000),
    };
  }

  #addToTotal({ by, method, route, resource, counted, status }: Call): void {
    const name = `${by} ${method} ${route}`;
    const known = this.#totals.get(name) ?? { by, method, route, resource, calls: 0, counted: 0, unchanged: 0 };
    this.#totals.set(name, {
      ...known,
      calls: known.calls + 1,
      counted: known.counted + (counted ? 1 : 0),
      unchanged: known.unchanged + (status === 304 ? 1 : 0),
    });
  }
}
