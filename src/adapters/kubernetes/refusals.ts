import { ApiError } from "./api-error.ts";

/** How long an account that may never see whether the API server is ready allows it for its start. */
const startMs = 5_000;

/** Refused by the API server's rules about accounts, not by what looks at objects. */
export function isRefusal(thrown: unknown): thrown is ApiError {
  if (!(thrown instanceof ApiError)) return false;
  return thrown.status === 401 || (thrown.status === 403 && /\bcannot\b/.test(thrown.message));
}

/**
 * An API server that has just started refuses everybody until it has read its rules, and says so only at `/readyz`.
 * The returned function tells whether a refusal can be believed now; `/readyz` itself may be refused to an account at
 * all times, which is known from how long that lasts.
 */
export function createBelief(
  askReadiness: (signal: AbortSignal) => Promise<unknown>,
  now: () => number = Date.now,
): (signal: AbortSignal) => Promise<boolean> {
  let isShown = false;
  let refusedSince: number | undefined;
  return async (signal) => {
    try {
      await askReadiness(signal);
      isShown = true;
      return true;
    } catch (thrown) {
      if (isShown || !isRefusal(thrown)) return false;
      refusedSince ??= now();
      return now() - refusedSince > startMs;
    }
  };
}

/** The same refusal as trouble that passes: nothing was obeyed, and it is asked again. */
export function notReady(refusal: ApiError): ApiError {
  return new ApiError(`${refusal.message} (the API server is starting)`, {
    status: 503,
    reason: "Starting",
    unsent: true,
    cause: refusal,
  });
}
