import type { IncomingMessage } from "node:http";

/** Link previews of chats, crawlers and monitors: nobody looks at what they fetch. */
const machines =
  /bot\b|crawler|spider|preview|embedly|github-camo|facebookexternalhit|health-?check|kube-probe|uptime|monitor|pingdom|blackbox/i;

/** Whether somebody uses the preview by this request, so that it is no longer idle. */
export function isVisit({ method, headers }: IncomingMessage): boolean {
  if (method === "HEAD" || method === "OPTIONS") return false;
  if (headers["sec-purpose"]?.includes("prefetch") === true || headers["purpose"] === "prefetch") return false;
  return !machines.test(headers["user-agent"] ?? "");
}

/**
 * Whether somebody wants a sleeping preview to wake. Browsers say what a request is for: a page that was left open and
 * asks for news in the background is no reason. Other programs do not say.
 */
export function isCall(request: IncomingMessage): boolean {
  const mode = request.headers["sec-fetch-mode"];
  return isVisit(request) && (mode === undefined || mode === "navigate");
}
