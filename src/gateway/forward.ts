import type { IncomingMessage, ServerResponse } from "node:http";
import type { Dispatcher } from "undici";
import type { PodAddress } from "../ports/endpoints.ts";
import type { Dialer } from "./dial.ts";
import { type Origin, requestHeaders, responseHeaders } from "./headers.ts";

/** How it ended. `answered`: the client has the pod's answer, or has left. */
export type Outcome = "answered" | "unreachable" | "timeout" | "bad-request";

/** Pods that one request is offered to at most. */
const mostTries = 3;

/** Passes a request on to one of the pods and streams the answer back, neither held in memory. */
export async function forward(
  dialer: Dialer,
  pods: readonly PodAddress[],
  request: IncomingMessage,
  response: ServerResponse,
  origin: Origin,
): Promise<Outcome> {
  const path = request.url ?? "/";
  if (!path.startsWith("/")) return "bad-request";
  const { method = "GET" } = request;
  const hasBody = request.headers["content-length"] !== undefined || request.headers["transfer-encoding"] !== undefined;
  const repeatable = !hasBody && (method === "GET" || method === "HEAD" || method === "OPTIONS");
  const options = { path, method, headers: requestHeaders(request.rawHeaders, origin), body: hasBody ? request : null };

  let failure: unknown;
  for (let turn = 0; turn < mostTries; turn += 1) {
    const pod = pods[turn % pods.length];
    if (pod === undefined) break;
    failure = await attempt(dialer.agent, { ...options, origin: dialer.originOf(pod) }, response);
    if (failure === undefined || response.headersSent || response.destroyed) return "answered";
    const code = codeOf(failure);
    if (code === "UND_ERR_INVALID_ARG") return "bad-request";
    if (code === "UND_ERR_HEADERS_TIMEOUT") return "timeout";
    // A connection that was refused is worth another pod; one that broke, even the same pod once more.
    const worthwhile = refused.has(code) ? turn + 1 < pods.length : turn === 0;
    if (!repeatable || !worthwhile) break;
  }
  return "unreachable";
}

/** One request to one pod. Resolves with what went wrong, or with undefined once the answer is through. */
function attempt(agent: Dispatcher, options: Dispatcher.DispatchOptions, response: ServerResponse): Promise<unknown> {
  return new Promise((resolve) => {
    let upstream: Dispatcher.DispatchController | undefined;
    let ended = false;
    const settle = (failure: unknown) => {
      ended = true;
      response.off("close", leave);
      response.off("drain", go);
      resolve(failure);
    };
    const leave = () => {
      if (!ended) upstream?.abort(new Error("the client has left"));
    };
    const go = () => upstream?.resume();
    response.on("close", leave);
    response.on("drain", go);

    try {
      agent.dispatch(options, {
        onRequestStart(controller) {
          upstream = controller;
          if (response.destroyed) leave();
        },
        onResponseStart(controller, status, _headers, statusText) {
          if (status < 200) return;
          response.writeHead(status, statusText ?? "", responseHeaders(rawOf(controller)));
          // Headers travel with the first bytes of the body, unless these take their time, as a stream's do.
          setImmediate(() => {
            if (!ended && !response.writableEnded) response.flushHeaders();
          });
        },
        onResponseData(controller, chunk) {
          if (!response.write(chunk)) controller.pause();
        },
        onResponseEnd() {
          response.end();
          settle(undefined);
        },
        onResponseError(_controller, error) {
          // What has begun cannot be taken back: the client has to see that it is not whole.
          if (response.headersSent) response.destroy();
          settle(error);
        },
      });
    } catch (error) {
      settle(error);
    }
  });
}

function rawOf({ rawHeaders }: Dispatcher.DispatchController): string[] {
  if (!Array.isArray(rawHeaders)) return [];
  return rawHeaders.map((part) => (typeof part === "string" ? part : part.toString("latin1")));
}

/** No connection came about, so nothing was sent. */
const refused = new Set(["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "ETIMEDOUT", "UND_ERR_CONNECT_TIMEOUT"]);

function codeOf(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
}
