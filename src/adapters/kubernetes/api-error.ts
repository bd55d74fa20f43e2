import { z } from "zod";
import { FailureError } from "../../preview/failure.ts";

const statusBody = z.looseObject({
  message: z.string().optional(),
  reason: z.string().optional(),
  details: z
    .looseObject({
      name: z.string().optional(),
      kind: z.string().optional(),
      causes: z
        .array(
          z.looseObject({
            field: z.string().optional(),
            message: z.string().optional(),
            reason: z.string().optional(),
          }),
        )
        .optional(),
      retryAfterSeconds: z.number().optional(),
    })
    .optional(),
});
type StatusDetails = NonNullable<z.infer<typeof statusBody>["details"]>;

/** Node's and OpenSSL's words for a certificate that does not fit. */
const certificateCodes = /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)/;
const transientStatuses = new Set([408, 429, 500, 502, 503, 504]);

/** The API server refused a request, or could not be reached (`status` is undefined then). */
export class ApiError extends Error {
  readonly status: number | undefined;
  /** The API's own word, e.g. `AlreadyExists`, `Conflict`, `Invalid`, `Expired`. */
  readonly reason: string;
  readonly details: StatusDetails;
  /** The connection was refused, so nothing was obeyed. */
  readonly unsent: boolean;
  /** Whoever answered is not who the kubeconfig trusts. */
  readonly untrusted: boolean;

  constructor(
    message: string,
    facts: {
      status?: number;
      reason?: string;
      details?: StatusDetails;
      unsent?: boolean;
      untrusted?: boolean;
      cause?: unknown;
    },
  ) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = "ApiError";
    this.status = facts.status;
    this.reason = facts.reason ?? "Unknown";
    this.details = facts.details ?? {};
    this.unsent = facts.unsent ?? false;
    this.untrusted = facts.untrusted ?? false;
  }

  /** Worth trying again without anybody's help. */
  get transient(): boolean {
    const terminating = this.details.causes?.some((cause) => cause.reason === "NamespaceTerminating") ?? false;
    if (this.untrusted) return false;
    return this.status === undefined || transientStatuses.has(this.status) || terminating;
  }
}

/** A proxy's page, or a component that is just starting, does not answer a `Status`. */
function parseStatus(body: string): z.infer<typeof statusBody> {
  try {
    return statusBody.parse(JSON.parse(body));
  } catch {
    return {};
  }
}

/** The error of an answer that is not 2xx; the body is a `Status` where the API server wrote it. */
export function apiErrorOf(request: string, status: number, body: string, retryAfter: string | null): ApiError {
  const parsed = parseStatus(body);
  const seconds = parsed.details?.retryAfterSeconds ?? (retryAfter === null ? undefined : Number(retryAfter));
  const details = {
    ...parsed.details,
    ...(Number.isFinite(seconds) && seconds !== undefined ? { retryAfterSeconds: seconds } : {}),
  };
  const message = parsed.message ?? body.slice(0, 300);
  return new ApiError(`${request}: ${status} ${message}`, {
    status,
    details,
    ...(parsed.reason === undefined ? {} : { reason: parsed.reason }),
  });
}

/** No answer: refused, reset, timed out. */
export function unreachable(request: string, cause: unknown): ApiError {
  const codes = [cause, cause instanceof Error ? cause.cause : undefined].map((each) =>
    each instanceof Error && "code" in each ? String(each.code) : "",
  );
  const message =
    cause instanceof Error ? (cause.cause instanceof Error ? cause.cause.message : cause.message) : String(cause);
  return new ApiError(`${request}: no answer (${message})`, {
    unsent: codes.includes("ECONNREFUSED"),
    untrusted: codes.some((code) => certificateCodes.test(code)),
    cause,
  });
}

export function isNotFound(thrown: unknown): boolean {
  return thrown instanceof ApiError && thrown.status === 404;
}

export function isConflict(thrown: unknown): boolean {
  return thrown instanceof ApiError && thrown.status === 409;
}

/** Resolves with undefined where the object is not there. */
export async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (thrown) {
    if (isNotFound(thrown)) return undefined;
    throw thrown;
  }
}

/** What an API error means for the pipeline; anything else is passed on as it is. */
export function asFailure(thrown: unknown, doing: string): unknown {
  if (!(thrown instanceof ApiError)) return thrown;
  const evidence = thrown.message.slice(0, 1_000);
  if (thrown.transient) {
    return new FailureError(
      {
        kind: "transient",
        code: "kubernetes-unavailable",
        what: `The Kubernetes API did not answer while ${doing}.`,
        remedy: "It is tried again by itself.",
        evidence,
        ...(thrown.details.retryAfterSeconds === undefined
          ? {}
          : { retryAfterSeconds: thrown.details.retryAfterSeconds }),
      },
      { cause: thrown },
    );
  }
  if (thrown.untrusted) {
    return new FailureError(
      {
        kind: "operator",
        code: "kubernetes-untrusted",
        what: `The Kubernetes API shows a certificate that Greenroom does not trust, while ${doing}.`,
        remedy: "Give Greenroom the cluster's present kubeconfig (GREENROOM_KUBECONFIG) and restart it.",
        evidence,
      },
      { cause: thrown },
    );
  }
  if (thrown.status === 401 || thrown.status === 403) {
    return new FailureError(
      {
        kind: "operator",
        code: "kubernetes-forbidden",
        what: `Kubernetes does not allow Greenroom's account what it needs while ${doing}.`,
        remedy: "Install the roles of the chart charts/greenroom for the account that Greenroom runs as.",
        evidence,
      },
      { cause: thrown },
    );
  }
  if (thrown.status === 404 && thrown.details.kind === "namespaces") {
    return new FailureError(
      {
        kind: "transient",
        code: "namespace-gone",
        what: `Somebody deleted the preview's namespace while ${doing}.`,
        remedy: "It is made anew by itself.",
        evidence,
      },
      { cause: thrown },
    );
  }
  return new FailureError(
    {
      kind: "bug",
      code: "kubernetes-refused",
      what: `The Kubernetes API refused a request of Greenroom's while ${doing}.`,
      remedy: "Nothing in this pull request has to change. The operator finds the details in Greenroom's log.",
      evidence,
    },
    { cause: thrown },
  );
}

/** Runs a step and turns API errors into failures that say what was being done. */
export async function during<T>(doing: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (thrown) {
    throw asFailure(thrown, doing);
  }
}
