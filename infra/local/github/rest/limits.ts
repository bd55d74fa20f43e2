import { nameOf } from "../auth/callers.ts";
import { json } from "./reply.ts";
import { type Route, route } from "./route.ts";

export const limitRoutes: readonly Route[] = [
  route("GET /rate_limit", "anyone", ({ calls, caller }) => {
    const by = nameOf(caller);
    const core = calls.count(by, "core", 0);
    const search = { limit: 30, remaining: 30, used: 0, reset: core.reset };
    return json({ resources: { core, graphql: calls.count(by, "graphql", 0), search }, rate: core });
  }),
];
