import { notFound } from "../actions/refusal.ts";
import type { DeliveryContent, DeliverySummary } from "../webhooks/deliveries.ts";
import { json, type Reply } from "./reply.ts";
import { type ApiCall, type Route, route } from "./route.ts";

export const hookRoutes: readonly Route[] = [
  route("GET /app/hook/deliveries", "app", list),
  route("GET /app/hook/deliveries/{delivery_id}", "app", ({ github, parameters }) => {
    const delivery = github.webhooks.deliveries.get(parameters.delivery_id);
    if (delivery === undefined) throw notFound();
    return json({ ...presentSummary(delivery.summary), ...presentContent(delivery.content) });
  }),
  route("POST /app/hook/deliveries/{delivery_id}/attempts", "app", ({ github, parameters }) => {
    if (!github.webhooks.redeliver(parameters.delivery_id)) throw notFound();
    return json({}, 202);
  }),
];

/** Deliveries are paged by cursor, not by number: the cursor is the id after which the next page begins. */
function list({ github, parameters }: ApiCall<"GET /app/hook/deliveries">): Reply {
  const { cursor, per_page: perPage = 30, status } = parameters;
  const wanted = github.webhooks.deliveries
    .list()
    .filter((delivery) => status === undefined || (delivery.statusCode < 400 ? "success" : "failure") === status)
    .filter(({ id }) => cursor === undefined || id < Number(cursor));
  const shown = wanted.slice(0, Math.min(perPage, 100));
  const last = shown.at(-1);
  const next = last !== undefined && wanted.length > shown.length ? { cursor: String(last.id) } : undefined;
  return { kind: "json", status: 200, body: shown.map(presentSummary), next };
}

function presentSummary(delivery: DeliverySummary) {
  return {
    id: delivery.id,
    guid: delivery.guid,
    delivered_at: delivery.deliveredAt,
    redelivery: delivery.redelivery,
    duration: delivery.duration,
    status: delivery.status,
    status_code: delivery.statusCode,
    event: delivery.event,
    action: delivery.action,
    installation_id: delivery.installationId,
    repository_id: delivery.repositoryId,
    throttled_at: null,
  };
}

function presentContent({ url, request, response }: DeliveryContent) {
  return { url, request, response };
}
