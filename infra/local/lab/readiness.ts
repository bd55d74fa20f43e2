import { readFile, stat } from "node:fs/promises";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** Asks again and again until `attempt` succeeds; throws its last error when `seconds` are over. */
export async function retryUntil<T>(
  attempt: (signal: AbortSignal) => Promise<T>,
  options: { readonly seconds: number; readonly everyMilliseconds?: number; readonly signal?: AbortSignal },
): Promise<T> {
  const deadline = Date.now() + options.seconds * 1000;
  for (;;) {
    options.signal?.throwIfAborted();
    try {
      const limits = [AbortSignal.timeout(10_000), ...(options.signal ? [options.signal] : [])];
      return await attempt(AbortSignal.any(limits));
    } catch (error) {
      if (Date.now() >= deadline) throw error;
    }
    await delay(options.everyMilliseconds ?? 100, undefined, options.signal ? { signal: options.signal } : {});
  }
}

/** A readiness check: an HTTP GET answers, with `status` where one is asked for. */
export function answersHttp(url: string, seconds = 60, status?: number): (signal: AbortSignal) => Promise<void> {
  return (signal) =>
    retryUntil(
      async (limit) => {
        const response = await fetch(url, { signal: limit });
        await response.body?.cancel();
        if (status !== undefined && response.status !== status) {
          throw new Error(`${url} answers ${response.status}, not ${status}`);
        }
      },
      { seconds, signal },
    );
}

/** A readiness check: something accepts connections at a port or at a socket's path. */
export function acceptsConnections(
  address: { readonly host: string; readonly port: number } | { readonly path: string },
  seconds = 60,
): (signal: AbortSignal) => Promise<void> {
  return (signal) => retryUntil(() => connectOnce(address), { seconds, signal });
}

/** A readiness check: the service has written a text to its log since it was started. */
export function saysInLog(log: string, text: string, seconds = 60): (signal: AbortSignal) => Promise<void> {
  return async (signal) => {
    const { size } = await stat(log);
    await retryUntil(
      async () => {
        const written = (await readFile(log)).subarray(size).toString();
        if (!written.includes(text)) throw new Error(`${log} does not say ${text}`);
      },
      { seconds, signal },
    );
  };
}

function connectOnce(
  address: { readonly host: string; readonly port: number } | { readonly path: string },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(address);
    socket.once("connect", () => {
      socket.destroy();
      resolve();
    });
    socket.once("error", reject);
  });
}
