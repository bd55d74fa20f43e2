import { type Failure, FailureError } from "../../preview/failure.ts";

/** What an Octokit error tells. Requests and responses of two library versions pass here, so no class is asked for. */
type Told = {
  /** 0 where no answer came. */
  status: number;
  message: string;
  headers: Readonly<Record<string, unknown>>;
  answered: boolean;
};

/** Code of the failure that GitHub refused a call for the number of calls. */
export const rateLimited = "github-rate-limited";

export function isStatus(error: unknown, ...statuses: number[]): boolean {
  const told = tell(error);
  return told.answered && statuses.includes(told.status);
}

/** Whether GitHub refused for want of a permission, rather than for the number of calls. */
export function isForbidden(error: unknown): boolean {
  return isStatus(error, 403) && !isRateLimit(tell(error));
}

/** An error of a call to GitHub as a failure that says who has to act. `purpose` completes "while …". */
export function failureFrom(error: unknown, purpose: string, now = Date.now()): FailureError {
  if (error instanceof FailureError) return error;
  const told = tell(error);
  const failure = told.answered || isSilence(error) ? failureOfTold(told, purpose, now) : ownFailure(error, purpose);
  return new FailureError(failure, { cause: error });
}

/** No answer came: Octokit's word for it, or a deadline that passed. */
function isSilence(error: unknown): boolean {
  return error instanceof Error && ["HttpError", "AbortError", "TimeoutError"].includes(error.name);
}

/** What went wrong on our side, before or after GitHub was asked. */
function ownFailure(error: unknown, purpose: string): Failure {
  const message = error instanceof Error ? error.message : String(error);
  if (/private key|pem\b/i.test(message) || (error instanceof Error && error.name === "DataError")) {
    return {
      kind: "operator",
      code: "github-private-key-unusable",
      what: "The private key of the GitHub App cannot be used.",
      remedy: "Set the private key as GitHub issued it: a PEM file with all its lines.",
    };
  }
  return {
    kind: "bug",
    code: "github-answer-unexpected",
    what: `GitHub's answer could not be understood while ${purpose}.`,
    remedy: "Nothing in this pull request has to change. The operator finds the details in Greenroom's log.",
    evidence: message.slice(0, 2_000),
  };
}

function failureOfTold(told: Told, purpose: string, now: number): Failure {
  if (isRateLimit(told)) {
    return {
      kind: "transient",
      code: rateLimited,
      what: `GitHub's rate limit was reached while ${purpose}.`,
      remedy: "It is tried again as soon as GitHub allows it.",
      retryAfterSeconds: retryAfter(told.headers, now) ?? 60,
    };
  }
  if (!told.answered || told.status >= 500 || told.status === 408) {
    const wait = retryAfter(told.headers, now);
    return {
      kind: "transient",
      code: "github-unavailable",
      what: `GitHub did not answer as it should while ${purpose}: ${told.answered ? `status ${told.status}` : told.message}.`,
      remedy: "It is tried again.",
      ...(wait === undefined ? {} : { retryAfterSeconds: wait }),
    };
  }
  if (told.status === 401) {
    return {
      kind: "operator",
      code: "github-credentials-refused",
      what: `GitHub refused the app's credentials while ${purpose}: ${told.message}.`,
      remedy: "Check the App ID and the private key, and that this machine's clock is right.",
    };
  }
  if (told.status === 403 || told.status === 404 || told.status === 410) {
    const needed = told.headers["x-accepted-github-permissions"];
    return {
      kind: "operator",
      code: "github-access-missing",
      what: `GitHub did not let the app in while ${purpose}: ${told.message}.`,
      remedy:
        typeof needed === "string" && needed !== ""
          ? `The app needs the permission ${needed} on this repository; accept it in the installation's settings.`
          : "Check that the app is installed on this repository and that its permissions have been accepted.",
    };
  }
  return {
    kind: "bug",
    code: "github-request-refused",
    what: `GitHub refused a request while ${purpose}: status ${told.status}.`,
    remedy: "Nothing in this pull request has to change. The operator finds the details in Greenroom's log.",
    evidence: told.message.slice(0, 2_000),
  };
}

function isRateLimit({ status, headers, message }: Told): boolean {
  if (status === 429) return true;
  if (status !== 403 && status !== 200) return false;
  return (
    headers["x-ratelimit-remaining"] === "0" || headers["retry-after"] !== undefined || /rate limit/i.test(message)
  );
}

/** Seconds that GitHub asks to wait: Retry-After in either form, else until the budget is renewed. */
function retryAfter(headers: Told["headers"], now: number): number | undefined {
  const asked = headers["retry-after"];
  if (typeof asked === "string" && asked !== "") {
    const seconds = Number(asked);
    const wait = Number.isFinite(seconds) ? seconds : (Date.parse(asked) - now) / 1_000;
    if (Number.isFinite(wait)) return Math.max(0, Math.ceil(wait));
  }
  const reset = Number(headers["x-ratelimit-reset"]);
  if (headers["x-ratelimit-remaining"] === "0" && Number.isFinite(reset)) {
    return Math.max(0, Math.ceil(reset - now / 1_000));
  }
  return undefined;
}

function tell(error: unknown): Told {
  const message = error instanceof Error ? error.message : String(error);
  const silence: Told = { status: 0, message, headers: {}, answered: false };
  if (typeof error !== "object" || error === null) return silence;
  // A GraphQL answer with errors: 200, and the type of the first error tells what it is.
  if ("errors" in error && "headers" in error) {
    return { status: statusOfGraphql(error.errors), message, headers: recordOf(error.headers), answered: true };
  }
  const response = "response" in error ? recordOf(error.response) : {};
  if (!("status" in error) || typeof error.status !== "number" || response["headers"] === undefined) return silence;
  return { status: error.status, message, headers: recordOf(response["headers"]), answered: true };
}

function statusOfGraphql(errors: unknown): number {
  const types: unknown[] = Array.isArray(errors) ? errors.map((each) => recordOf(each)["type"]) : [];
  if (types.includes("RATE_LIMITED")) return 429;
  if (types.includes("FORBIDDEN")) return 403;
  if (types.includes("NOT_FOUND")) return 404;
  // Errors without a type are GitHub's own trouble, time-outs above all.
  return types.every((type) => type === undefined) ? 502 : 422;
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
