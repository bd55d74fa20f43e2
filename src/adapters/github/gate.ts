import type { CallBudget, Caller, CallKind } from "../../ports/call-budget.ts";
import type { Clock } from "../../ports/clock.ts";
import { FailureError } from "../../preview/failure.ts";
import { rateLimited } from "./failures.ts";

/** Whoever has to wait no longer than this waits here; everybody else comes back later and leaves the place to others. */
const longestWaitMs = 2_000;

const mutating = new Set(["POST", "PUT", "PATCH"]);

/**
 * Lets a call leave as soon as the caller's budget has room for it, or rejects with a transient failure that says when
 * it may be tried again.
 */
export async function pass(
  budget: CallBudget,
  caller: Caller,
  kind: CallKind,
  clock: Pick<Clock, "wait">,
  signal: AbortSignal,
): Promise<void> {
  let patience = longestWaitMs;
  for (;;) {
    signal.throwIfAborted();
    const taken = await budget.take(caller, kind);
    if (taken === "taken") return;
    if (taken.wait > patience) throw refusal(taken.refused, taken.wait);
    // Never nothing, so that this ends however the clocks differ.
    const wait = Math.max(taken.wait, 1);
    patience -= wait;
    await clock.wait(wait, signal);
  }
}

/** What a request is to the budget. Neither a query nor a token is seen by people, and the app itself shows nothing. */
export function kindOf(caller: Caller, method: string, url: string): CallKind {
  if (caller === "app" || !mutating.has(method)) return "read";
  return /\/graphql$|\/access_tokens$/.test(url) ? "read" : "write";
}

function refusal(because: "closed" | "spent", wait: number): FailureError {
  const retryAfterSeconds = Math.ceil(wait / 1_000);
  if (because === "closed") {
    return new FailureError({
      kind: "transient",
      code: rateLimited,
      what: "GitHub has refused this installation's calls for a while, and nothing is asked of it until then.",
      remedy: "It is tried again as soon as GitHub allows it.",
      retryAfterSeconds,
    });
  }
  return new FailureError({
    kind: "transient",
    code: "github-writes-spent",
    what: "As much was written to this installation's pull requests as GitHub takes at once.",
    remedy: "It is told as soon as there is room again.",
    retryAfterSeconds,
  });
}
