import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import { FailureError } from "../../preview/failure.ts";
import { basicAuthorization, type Credentials } from "./docker-config.ts";

const requestMs = 10_000;
const pausesMs = [200, 1_000];
/** Taken off a token's life, so that it does not end on the way. */
const tokenMarginMs = 10_000;

const tokenSchema = z.object({
  token: z.string().optional(),
  access_token: z.string().optional(),
  expires_in: z.number().optional(),
});

export type RegistryRequest = {
  method: "GET" | "HEAD" | "DELETE";
  url: string;
  accept: string;
  /** What a token is asked for, e.g. `repository:shop/web:pull`. */
  scope: string;
  /** Nothing is sent after this moment, nor waited for. */
  notAfter?: Date;
};

export type RegistryHttp = (
  request: RegistryRequest,
  credentials: Credentials | undefined,
  signal: AbortSignal,
) => Promise<Response>;

/**
 * Requests to a registry that asks for Basic or for a token, tried again where it does not answer or answers 429 or 5xx.
 * Resolves with any other answer.
 */
export function createRegistryHttp(): RegistryHttp {
  const tokens = new Map<string, { header: string; until: number }>();

  const ask = async (request: RegistryRequest, credentials: Credentials | undefined, signal: AbortSignal) => {
    const send = async (authorization: string | undefined) => {
      // By the clock, not by a timer alone: a process that was stopped goes on with what it was about to do.
      const leftMs = request.notAfter === undefined ? requestMs : request.notAfter.getTime() - Date.now();
      if (leftMs <= 0) throw new Error(`${request.method} ${request.url} came too late to be sent`);
      return await fetch(request.url, {
        method: request.method,
        headers: { accept: request.accept, ...(authorization === undefined ? {} : { authorization }) },
        signal: AbortSignal.any([signal, AbortSignal.timeout(Math.min(requestMs, leftMs))]),
      });
    };
    const key = `${new URL(request.url).host} ${request.scope} ${credentials?.username ?? ""}`;
    const known = tokens.get(key);
    const first = await send(known !== undefined && known.until > Date.now() ? known.header : undefined);
    if (first.status !== 401) return first;
    await first.body?.cancel();
    const token = await authorize(first.headers.get("www-authenticate") ?? "", request.scope, credentials, signal);
    if (token === undefined) return first;
    tokens.set(key, token);
    return await send(token.header);
  };

  return async (request, credentials, signal) => {
    for (const pause of [...pausesMs, undefined]) {
      let cause: unknown;
      try {
        const response = await ask(request, credentials, signal);
        if (response.status !== 429 && response.status < 500) return response;
        await response.body?.cancel();
        cause = new Error(`${request.method} ${request.url} answered ${response.status}`);
      } catch (error) {
        signal.throwIfAborted();
        cause = error;
      }
      const over = request.notAfter !== undefined && request.notAfter.getTime() <= Date.now();
      if (pause === undefined || over) throw unreachable(request, cause);
      await wait(pause, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
    throw new Error("unreachable: the last try has no pause");
  };
}

async function authorize(
  challenge: string,
  scope: string,
  credentials: Credentials | undefined,
  signal: AbortSignal,
): Promise<{ header: string; until: number } | undefined> {
  if (/^basic\b/i.test(challenge)) {
    return credentials === undefined
      ? undefined
      : { header: basicAuthorization(credentials), until: Number.POSITIVE_INFINITY };
  }
  const realm = challenge.match(/^bearer\b.*\brealm="([^"]+)"/i)?.[1];
  if (realm === undefined) return undefined;
  const url = new URL(realm);
  const service = challenge.match(/\bservice="([^"]+)"/i)?.[1];
  if (service !== undefined) url.searchParams.set("service", service);
  url.searchParams.set("scope", challenge.match(/\bscope="([^"]+)"/i)?.[1] ?? scope);
  const response = await fetch(url, {
    headers: credentials === undefined ? {} : { authorization: basicAuthorization(credentials) },
    signal: AbortSignal.any([signal, AbortSignal.timeout(requestMs)]),
  });
  if (response.status === 429 || response.status >= 500) throw new Error(`${url.host} answered ${response.status}`);
  if (!response.ok) {
    await response.body?.cancel();
    return undefined;
  }
  const { token, access_token: accessToken, expires_in: seconds = 60 } = tokenSchema.parse(await response.json());
  const value = token ?? accessToken;
  if (value === undefined) return undefined;
  return { header: `Bearer ${value}`, until: Date.now() + seconds * 1_000 - tokenMarginMs };
}

function unreachable(request: RegistryRequest, cause: unknown): FailureError {
  return new FailureError(
    {
      kind: "transient",
      code: "registry-unreachable",
      what: `The registry ${new URL(request.url).host} does not answer.`,
      remedy: "It is tried again.",
    },
    { cause },
  );
}
