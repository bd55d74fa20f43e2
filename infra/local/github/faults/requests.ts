import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Context } from "hono";
import { type Caller, callerOf, nameOf } from "../auth/callers.ts";
import type { Call } from "../calls.ts";
import type { Api } from "../rest/serve.ts";
import type { Strike } from "./faults.ts";
import { limited } from "./limits.ts";
import type { RequestEffect, Surface } from "./rule.ts";
import { isAbout } from "./subject.ts";

/** An answer, and what the log of calls says of it. */
export interface Served {
  readonly response: Response;
  readonly call: Call;
}

export interface About {
  readonly surface: Surface;
  /** The published path template, or git, or graphql. */
  readonly route: string;
}

type HowItEnds = Exclude<RequestEffect, { readonly do: "delay" }>;

/** Answers a request as `work` does, except for what the rules say; the call is in the log either way. */
export async function answering(
  api: Api,
  context: Context,
  about: About,
  work: () => Promise<Served>,
): Promise<Response> {
  if (!api.faults.concernRequests()) return logged(api, await work(), []);
  const request = context.req.raw;
  const caller = await callerOf(api.github, api.key, request.headers.get("authorization") ?? undefined).catch(
    (): Caller => ({ kind: "anonymous" }),
  );
  const path = context.req.path.replace(/^\/api\/v3(?=\/)/, "");
  const body = about.surface === "graphql" ? await request.clone().text() : undefined;
  const strikes = api.faults.strikeRequest({
    surface: about.surface,
    method: request.method,
    path,
    by: caller.kind,
    isAbout: (fullName) => isAbout(api.github.store, fullName, path, body),
  });
  const { outgoing }: HttpBindings = context.env;
  const faults = strikes.map(({ faultId }) => faultId);
  const unserved = (status: number): Call => unservedCall(api, context, about, caller, status);

  if (await delayed(strikes, "request", outgoing)) return logged(api, { response: gone(), call: unserved(0) }, faults);
  const end = strikes.map(({ effect }) => effect).find((effect) => effect.do !== "delay");
  const instead = end === undefined ? undefined : insteadOfWork(api, about, caller, end);
  if (instead !== undefined && instead !== "silence") {
    return logged(api, { response: instead, call: unserved(instead.status) }, faults);
  }
  if (instead === "silence") {
    api.calls.record({ ...unserved(0), faults });
    return silence(end?.do === "hang", outgoing);
  }
  const response = logged(api, await work(), faults);
  if (await delayed(strikes, "answer", outgoing)) return gone(response);
  if (end === undefined) return response;
  if (end.do === "malform") return cut(response);
  await response.body?.cancel();
  return end.do === "fail" ? failed(end.status) : silence(end.do === "hang", outgoing);
}

function logged({ calls }: Api, { response, call }: Served, faults: readonly number[]): Response {
  calls.record(faults.length === 0 ? call : { ...call, faults });
  return response;
}

/** A request that nobody worked on; GitHub's outer servers do not count those. */
function unservedCall(
  { github }: Api,
  context: Context,
  { surface, route }: About,
  caller: Caller,
  status: number,
): Call {
  return {
    at: github.now().toISOString(),
    method: context.req.method,
    route,
    path: context.req.path,
    status,
    counted: false,
    resource: surface === "git" ? "none" : surface === "graphql" ? "graphql" : "core",
    by: nameOf(caller),
    milliseconds: 0,
  };
}

/** Waits as told; true: the caller has gone meanwhile. */
async function delayed(
  strikes: readonly Strike<RequestEffect>[],
  hits: "request" | "answer",
  outgoing: HttpBindings["outgoing"],
): Promise<boolean> {
  const total = strikes
    .map(({ effect }) => (effect.do === "delay" && effect.hits === hits ? effect.milliseconds : 0))
    .reduce((sum, each) => sum + each, 0);
  if (total === 0) return false;
  const over = new AbortController();
  const { signal } = over;
  const left = once(outgoing, "close", { signal }).then(() => true);
  const waited = pause(total, false, { signal });
  try {
    return await Promise.race([left, waited]);
  } finally {
    over.abort();
    await Promise.allSettled([left, waited]);
  }
}

/** What comes instead of an answer to a request that is not worked on; undefined: it is. */
function insteadOfWork(api: Api, about: About, caller: Caller, end: HowItEnds): Response | "silence" | undefined {
  switch (end.do) {
    case "secondary-limit":
    case "primary-limit":
      return limited(api, about.surface, caller, end);
    case "malform":
      return undefined;
    case "fail":
      return end.hits === "request" ? failed(end.status) : undefined;
    case "drop":
    case "hang":
      return end.hits === "request" ? "silence" : undefined;
  }
}

const failures = {
  500: { type: "application/json; charset=utf-8", body: '{"message":"Server Error"}' },
  // These two come from the servers in front of GitHub's own, as pages.
  502: { type: "text/html; charset=utf-8", body: "<html><head><title>502 Bad Gateway</title></head></html>" },
  503: { type: "text/html; charset=utf-8", body: "<html><head><title>Unicorn! &middot; GitHub</title></head></html>" },
} as const;

function failed(status: keyof typeof failures): Response {
  const { type, body } = failures[status];
  return new Response(body, { status, headers: { "content-type": type } });
}

/** No answer: the connection is cut at once, or stays open until the caller gives up. */
async function silence(isHanging: boolean, outgoing: HttpBindings["outgoing"]): Promise<Response> {
  if (!outgoing.destroyed) {
    if (isHanging) await once(outgoing, "close");
    else outgoing.destroy();
  }
  return gone();
}

/** For whom nobody waits any more. */
function gone(unwanted?: Response): Response {
  void unwanted?.body?.cancel();
  return RESPONSE_ALREADY_SENT;
}

/** The first half of an answer, under all of its headers. */
async function cut(response: Response): Promise<Response> {
  const whole = new Uint8Array(await response.arrayBuffer());
  const half = whole.length === 0 ? "{" : whole.slice(0, Math.ceil(whole.length / 2));
  const status = response.status === 204 || response.status === 304 ? 200 : response.status;
  return new Response(half, { status, headers: response.headers });
}
