import { createAppAuth } from "@octokit/auth-app";
import { Octokit } from "@octokit/rest";
import type { CallBudget, Caller } from "../../ports/call-budget.ts";
import { FailureError } from "../../preview/failure.ts";
import { systemClock } from "../clock.ts";
import { failureFrom, isStatus, rateLimited } from "./failures.ts";
import { kindOf, pass } from "./gate.ts";

export type GitHubOptions = {
  appId: number;
  privateKey: string;
  /** Base address of the REST API: `https://api.github.com`, or `https://host/api/v3` of an Enterprise Server. */
  apiUrl: string;
  /** How much may be asked; the same one for everything that asks. */
  budget: CallBudget;
  /** How long one call may take, its token included. */
  deadlineMs?: number;
  /** Told of every request that left; for metrics. */
  onCall?: (call: GitHubCall) => void;
  /** Told once of each permission that an installation has not granted and Greenroom does without. */
  onRefused?: (installation: number, permission: OptionalPermission) => void;
};

export type OptionalPermission = "checks" | "deployments";

export type GitHubCall = { method: string; path: string; status: number; milliseconds: number };

/**
 * Whoever asks GitHub: as an installation, with one deadline for everything, and failures that say who has to act. Once
 * GitHub has refused a call for their number, no other leaves before it allows that.
 */
export type GitHubClient = {
  /** Runs calls of one step. `purpose` completes "while …" in a failure's text. */
  as<T>(
    installation: number,
    purpose: string,
    signal: AbortSignal,
    calls: (octokit: Octokit, signal: AbortSignal) => Promise<T>,
  ): Promise<T>;
  /**
   * The same as the app itself. Its signed token stays the same for minutes, since GitHub's ETags are another for each
   * token.
   */
  asApp<T>(
    purpose: string,
    signal: AbortSignal,
    calls: (octokit: Octokit, signal: AbortSignal) => Promise<T>,
  ): Promise<T>;
  /** A token that can do nothing but read the contents of one repository. */
  readToken(installation: number, repositoryId: number, signal: AbortSignal): Promise<string>;
};

const installationsKept = 1_000;
/** How long before its end the app's own token is replaced. */
const renewMs = 60_000;
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

export function createGitHubClient(options: GitHubOptions): GitHubClient {
  const deadlineMs = options.deadlineMs ?? 15_000;
  const fetch = watchedFetch(deadlineMs, options.onCall);
  const common = { baseUrl: options.apiUrl, userAgent: "greenroom", log: silent, request: { fetch } };
  /** No request leaves without asking the budget. */
  const gated = (octokit: Octokit, caller: Caller): Octokit => {
    octokit.hook.before("request", async ({ method, url, request }) => {
      const signal = request.signal ?? AbortSignal.timeout(deadlineMs);
      await pass(options.budget, caller, kindOf(caller, method, url), systemClock, signal);
    });
    return octokit;
  };
  // Each Octokit keeps its installation's token until shortly before it expires.
  const octokits = new Map<number, Octokit>();
  const octokitOf = (installation: number): Octokit => {
    const known = octokits.get(installation);
    if (known !== undefined) return known;
    const auth = { appId: options.appId, privateKey: options.privateKey, installationId: installation };
    const octokit = gated(new Octokit({ ...common, authStrategy: createAppAuth, auth }), installation);
    const [oldest] = octokits.keys();
    if (octokits.size >= installationsKept && oldest !== undefined) octokits.delete(oldest);
    octokits.set(installation, octokit);
    return octokit;
  };

  let app: { octokit: Octokit; expiresAt: number } | undefined;
  const appOctokit = async (): Promise<Octokit> => {
    if (app !== undefined && app.expiresAt - renewMs > Date.now()) return app.octokit;
    const { token, expiresAt } = await createAppAuth({ appId: options.appId, privateKey: options.privateKey })({
      type: "app",
    });
    const octokit = gated(new Octokit({ ...common, auth: token }), "app");
    app = { octokit, expiresAt: Date.parse(expiresAt) };
    return octokit;
  };
  const forgetApp = (): boolean => {
    const known = app !== undefined;
    app = undefined;
    return known;
  };

  /** Runs the calls, and once more where the token was refused before its time; the next one is another. */
  const run = async <T>(
    who: { caller: Caller; octokit: () => Octokit | Promise<Octokit>; forget: () => boolean },
    purpose: string,
    signal: AbortSignal,
    calls: (octokit: Octokit, signal: AbortSignal) => Promise<T>,
  ): Promise<T> => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
    const once = () => unlessAborted(limit, async () => await calls(await who.octokit(), limit));
    try {
      try {
        return await once();
      } catch (error) {
        if (!isStatus(error, 401) || !who.forget()) throw error;
        return await once();
      }
    } catch (error) {
      const failed = failureFrom(error, purpose);
      const { code, retryAfterSeconds = 0 } = failed.failure;
      // What the gate itself has refused is no news to it.
      const isNews = code === rateLimited && !(error instanceof FailureError);
      if (isNews) await options.budget.close(who.caller, retryAfterSeconds * 1_000);
      signal.throwIfAborted();
      throw failed;
    }
  };

  const as: GitHubClient["as"] = (installation, purpose, signal, calls) => {
    const octokit = () => octokitOf(installation);
    return run({ caller: installation, octokit, forget: () => octokits.delete(installation) }, purpose, signal, calls);
  };

  return {
    as,
    asApp: (purpose, signal, calls) =>
      run({ caller: "app", octokit: appOctokit, forget: forgetApp }, purpose, signal, calls),
    readToken: (installation, repositoryId, signal) =>
      as(installation, "asking for a token that reads the repository", signal, async (octokit) => {
        const authentication: unknown = await octokit.auth({
          type: "installation",
          repositoryIds: [repositoryId],
          permissions: { contents: "read" },
        });
        if (typeof authentication === "object" && authentication !== null && "token" in authentication) {
          return String(authentication.token);
        }
        throw new Error("GitHub returned no token");
      }),
  };
}

/** fetch with a deadline of its own, since what asks for tokens passes no signal on. */
function watchedFetch(deadlineMs: number, onCall: GitHubOptions["onCall"]): typeof globalThis.fetch {
  return async (input, init) => {
    const started = performance.now();
    const deadline = AbortSignal.timeout(deadlineMs);
    const signal = init?.signal ? AbortSignal.any([init.signal, deadline]) : deadline;
    let status = 0;
    try {
      const response = await globalThis.fetch(input, { ...init, signal });
      status = response.status;
      return response;
    } finally {
      const address = input instanceof Request ? input.url : String(input);
      const milliseconds = Math.round(performance.now() - started);
      onCall?.({ method: init?.method ?? "GET", path: new URL(address).pathname, status, milliseconds });
    }
  };
}

async function unlessAborted<T>(signal: AbortSignal, start: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  return await new Promise<T>((resolve, reject) => {
    const refuse = () => reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
    signal.addEventListener("abort", refuse, { once: true });
    start()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", refuse));
  });
}
