import { type Caller, nameOf } from "../auth/callers.ts";
import { type Api, budgetHeaders, commonHeaders } from "../rest/serve.ts";
import type { RequestEffect, Surface } from "./rule.ts";

type Limit = Extract<RequestEffect, { readonly do: "secondary-limit" | "primary-limit" }>;

const primary = "API rate limit exceeded";
const secondary =
  "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. If you reach out to GitHub Support for help, please include the request ID.";
const documentation = "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api";

/** GitHub's answer to who asked too much. GraphQL says in the body that the hour's points are used up. */
export function limited(api: Api, surface: Surface, caller: Caller, limit: Limit): Response {
  const resource = surface === "graphql" ? "graphql" : "core";
  const budget = api.calls.count(nameOf(caller), resource, 0);
  const headers: Record<string, string> = { "content-type": "application/json; charset=utf-8", ...commonHeaders() };
  if (limit.do === "secondary-limit") {
    Object.assign(headers, budgetHeaders(budget, resource));
    if (limit.retryAfter !== null) headers["retry-after"] = String(limit.retryAfter);
    return answer(limit.status, { message: secondary, documentation_url: documentation }, headers);
  }
  const reset = Math.floor(api.github.now().getTime() / 1000) + limit.resetIn;
  Object.assign(headers, budgetHeaders({ ...budget, remaining: 0, used: budget.limit, reset }, resource));
  const message = `${primary} for ${nameOf(caller).replace(":", " ID ")}.`;
  return surface === "graphql"
    ? answer(200, { errors: [{ type: "RATE_LIMITED", message }] }, headers)
    : answer(limit.status, { message, documentation_url: documentation }, headers);
}

function answer(status: number, body: unknown, headers: Record<string, string>): Response {
  return new Response(JSON.stringify(body), { status, headers });
}
