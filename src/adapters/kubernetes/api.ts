import { readFileSync } from "node:fs";
import type { RequestOptions } from "node:https";
import { setTimeout as wait } from "node:timers/promises";
import { KubeConfig } from "@kubernetes/client-node";
import { Agent, fetch } from "undici";
import type { BodyInit, Response } from "undici";
import { ApiError, apiErrorOf, unreachable } from "./api-error.ts";
import { createBelief, isRefusal, notReady } from "./refusals.ts";

export type ApiRequest = {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path on the API server, e.g. `/api/v1/namespaces`. */
  path: string;
  query?: Record<string, string | number | boolean>;
  /** Sent as JSON. */
  body?: unknown;
  accept?: string;
  contentType?: string;
  signal: AbortSignal;
  timeoutMs?: number;
};

/** The API server: one pool of connections, every call with a deadline and a signal. */
export type KubernetesApi = {
  /** Resolves with the parsed answer; rejects with an `ApiError` for any answer that is not 2xx and for none at all. */
  json(request: ApiRequest): Promise<unknown>;
  text(request: ApiRequest): Promise<string>;
  /** Lines of an answer that goes on until the server ends it or nothing came for `timeoutMs`. */
  lines(request: ApiRequest): AsyncIterable<string>;
  /** What a kubeconfig of another account needs to reach the same server. */
  readonly cluster: { server: string; certificateAuthority: string | undefined; tlsServerName: string | undefined };
  close(): Promise<void>;
};

export const mergePatch = "application/merge-patch+json";
export const applyPatch = "application/apply-patch+yaml";

const requestTimeoutMs = 15_000;
const readinessTimeoutMs = 2_000;
/** Long enough for an API server that restarts. */
const retryDelaysMs = [100, 300, 1_000, 2_000, 4_000];

/** Loads a kubeconfig file, or the pod's own service account where there is none. */
export function loadKubeConfig(kubeconfig: string | undefined): KubeConfig {
  const config = new KubeConfig();
  if (kubeconfig === undefined) config.loadFromCluster();
  else config.loadFromFile(kubeconfig);
  return config;
}

/**
 * Talks to the API server of a kubeconfig's current context. The library's own calls make a new connection pool for
 * each request and cannot be told to stop, so only its loading of credentials is used.
 */
export function createKubernetesApi(config: KubeConfig): KubernetesApi {
  const current = config.getCurrentCluster();
  if (current === null) throw new Error("the kubeconfig has no current cluster");
  const base = current.server.replace(/\/+$/, "");
  let pool: { key: string; agent: Agent } | undefined;

  /** Credentials may change on disk (a pod's token, a renewed certificate): they are asked for with each request. */
  async function credentials(): Promise<{ agent: Agent; headers: Record<string, string> }> {
    const options: RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    const { ca, cert, key, rejectUnauthorized, servername } = options;
    const tls = {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
      ...(servername === undefined ? {} : { servername }),
    };
    const poolKey = Object.values(tls).map(String).join("\n");
    if (pool?.key !== poolKey) {
      const previous = pool;
      pool = { key: poolKey, agent: new Agent({ connect: { ...tls, timeout: 5_000 }, bodyTimeout: 0 }) };
      void previous?.agent.close();
    }
    const headers = Object.fromEntries(
      Object.entries(options.headers ?? {}).map(([name, value]) => [name, String(value)]),
    );
    if (options.auth) headers["Authorization"] = `Basic ${Buffer.from(options.auth).toString("base64")}`;
    return { agent: pool.agent, headers };
  }

  const believes = createBelief(async (signal) => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(readinessTimeoutMs)]);
    const answer = await sendOnce({ path: "/readyz", signal: limit }, limit);
    return await answer.text();
  });

  async function send(request: ApiRequest, signal: AbortSignal): Promise<Response> {
    try {
      return await sendOnce(request, signal);
    } catch (thrown) {
      if (!isRefusal(thrown)) throw thrown;
      if (!(await believes(signal))) throw notReady(thrown);
      // It may have become ready between the two answers.
      return await sendOnce(request, signal);
    }
  }

  async function sendOnce(request: ApiRequest, signal: AbortSignal): Promise<Response> {
    const url = new URL(base + request.path);
    for (const [name, value] of Object.entries(request.query ?? {})) url.searchParams.set(name, String(value));
    const { agent, headers } = await credentials();
    const body: BodyInit | undefined = request.body === undefined ? undefined : JSON.stringify(request.body);
    const response = await fetch(url, {
      method: request.method ?? "GET",
      headers: {
        accept: request.accept ?? "application/json",
        "user-agent": "greenroom",
        ...(body === undefined ? {} : { "content-type": request.contentType ?? "application/json" }),
        ...headers,
      },
      signal,
      dispatcher: agent,
      ...(body === undefined ? {} : { body }),
    });
    if (!response.ok) {
      const answer = await response.text();
      throw apiErrorOf(
        `${request.method ?? "GET"} ${request.path}`,
        response.status,
        answer,
        response.headers.get("retry-after"),
      );
    }
    return response;
  }

  async function text(request: ApiRequest): Promise<string> {
    const method = request.method ?? "GET";
    for (let round = 0; ; round += 1) {
      request.signal.throwIfAborted();
      const deadline = AbortSignal.timeout(request.timeoutMs ?? requestTimeoutMs);
      try {
        const response = await send(request, AbortSignal.any([request.signal, deadline]));
        return await response.text();
      } catch (thrown) {
        request.signal.throwIfAborted();
        const error = thrown instanceof ApiError ? thrown : unreachable(`${method} ${request.path}`, thrown);
        const delay = retryDelaysMs[round];
        // A POST without an answer may have been obeyed; everything else can be said twice.
        const repeatable = method !== "POST" || error.unsent || error.status === 429;
        if (delay === undefined || !error.transient || !repeatable) throw error;
        const asked = (error.details.retryAfterSeconds ?? 0) * 1_000;
        await wait(Math.max(delay, asked), undefined, { signal: request.signal });
      }
    }
  }

  return {
    text,
    async json(request) {
      const body = await text(request);
      return body === "" ? undefined : (JSON.parse(body) as unknown);
    },
    async *lines(request) {
      const idle = new AbortController();
      const timer = setTimeout(
        () => idle.abort(new Error("nothing came for too long")),
        request.timeoutMs ?? requestTimeoutMs,
      );
      try {
        const response = await send(request, AbortSignal.any([request.signal, idle.signal]));
        if (response.body === null) return;
        const decoder = new TextDecoder();
        const body: AsyncIterable<Uint8Array> = response.body;
        let rest = "";
        for await (const chunk of body) {
          timer.refresh();
          rest += decoder.decode(chunk, { stream: true });
          const lines = rest.split("\n");
          rest = lines.pop() ?? "";
          yield* lines;
        }
      } catch (thrown) {
        request.signal.throwIfAborted();
        throw thrown instanceof ApiError ? thrown : unreachable(`GET ${request.path}`, thrown);
      } finally {
        clearTimeout(timer);
        idle.abort();
      }
    },
    cluster: {
      server: base,
      certificateAuthority:
        current.caData ?? (current.caFile === undefined ? undefined : readFileSync(current.caFile).toString("base64")),
      tlsServerName: current.tlsServerName,
    },
    async close() {
      await pool?.agent.destroy();
    },
  };
}
