import type { MiddlewareHandler } from "hono";

/** Names under which a browser reaches this machine. */
const loopback = ["127.0.0.1", "localhost", "[::1]"];

/**
 * Lets a form through only if one of our own pages sent it: other sites that a browser shows could otherwise press our
 * buttons. The origin has to be our address, not merely equal to the Host header, which a name bound to 127.0.0.1
 * by somebody else would satisfy.
 */
export function sameOrigin(url: string): MiddlewareHandler {
  const { protocol, port, origin } = new URL(url);
  const ours = new Set([origin, ...loopback.map((host) => `${protocol}//${host}${port === "" ? "" : `:${port}`}`)]);
  return async (context, next) => {
    const site = context.req.header("sec-fetch-site");
    const from = context.req.header("origin");
    if (context.req.method !== "GET" && ((site !== undefined && site !== "same-origin") || !ours.has(from ?? ""))) {
      return context.json({ message: "This was not sent by a page of this site." }, 403);
    }
    await next();
    return undefined;
  };
}
