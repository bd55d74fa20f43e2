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
  readonly #windows = new Map<string, Window>();

  constructor(now: () => Date, limit: number) {
    this.#now = now;
    this.#limit = limit;
  }

  log(): CallLog {
    return this.#log;
  }

  clear(): void {
    this.#log.length = 0;
  }

  record(call: Call): void {
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
}
