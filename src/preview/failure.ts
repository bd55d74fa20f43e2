/**
 * Who has to act. `user`: whoever wrote the pull request or its configuration; `operator`: whoever runs Greenroom;
 * `transient`: nobody, it is tried again; `bug`: we.
 */
export type FailureKind = "user" | "operator" | "transient" | "bug";

/** A failure as a value: enough to tell a person what happened, where, and what to do. */
export type Failure = {
  kind: FailureKind;
  /** Stable and machine-readable, e.g. `dockerfile-step-failed`. */
  code: string;
  /** One sentence in Markdown without a line break. Text of the pull request in it is not yet escaped. */
  what: string;
  /** A path inside the repository, with a line counted from 1 where there is one. */
  where?: { file: string; line?: number | undefined } | undefined;
  /** Further places that are at fault, each with what is wrong there; bounded by `otherPlaces`. */
  others?: Place[] | undefined;
  /** What to do about it; one or two sentences. */
  remedy: string;
  /** The last lines of the log that shows it, oldest first; plain text, bounded by `boundEvidence`. */
  evidence?: string | undefined;
  /** Seconds the other side asked us to wait. */
  retryAfterSeconds?: number | undefined;
};

/** A place in the repository, and in a few words what is wrong there. */
export type Place = { file: string; line?: number | undefined; what: string };

export type Result<T> = { ok: true; value: T } | { ok: false; failure: Failure };

/** How a `Failure` travels through I/O code. */
export class FailureError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure, options?: ErrorOptions) {
    super(`${failure.code}: ${failure.what}`, options);
    this.name = "FailureError";
    this.failure = failure;
  }
}

const evidenceLines = 20;
const evidenceCharacters = 4_000;

/** The last 20 lines and 4,000 characters of a log, without control characters and terminal colours. */
export function boundEvidence(log: string): string {
  const clean = log
    // eslint-disable-next-line no-control-regex -- terminal escapes are what is removed here
    .replace(/\u001b\[[0-9;?]*[A-Za-z]/g, "")
    .replace(/\r\n?/g, "\n")
    // eslint-disable-next-line no-control-regex
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, "");
  const lines = clean.trimEnd().split("\n").slice(-evidenceLines).join("\n");
  return lines.length > evidenceCharacters ? `…${lines.slice(1 - evidenceCharacters)}` : lines;
}

/** As many places beside the first one as GitHub takes annotations, each once. */
export function otherPlaces(places: readonly Place[]): Pick<Failure, "others"> {
  const seen = new Set(places.slice(0, 1).map(textOf));
  const others = places.slice(1).filter((place) => !seen.has(textOf(place)) && seen.add(textOf(place)));
  const bounded = others.slice(0, 49).map(({ file, line, what }) => ({
    file: file.slice(0, 500),
    ...(line !== undefined && { line }),
    what: what.length > 500 ? `${what.slice(0, 499)}…` : what,
  }));
  return bounded.length === 0 ? {} : { others: bounded };
}

function textOf({ file, line, what }: Place): string {
  return JSON.stringify([file, line, what]);
}

/** The failure that an unknown thrown value stands for: its own if it carries one, else a bug of ours. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof FailureError) return thrown.failure;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return {
    kind: "bug",
    code: "unexpected",
    what: "Greenroom ran into an error that it did not expect.",
    remedy: "Nothing in this pull request has to change. The operator finds the details in Greenroom's log.",
    evidence: boundEvidence(message),
  };
}
