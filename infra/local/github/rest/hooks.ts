import { notFound, Refusal } from "../actions/refusal.ts";
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

/** Deliveries are paged by cursor, not by number: it names, in words of its own, the last delivery that was shown. */
function list({ github, parameters }: ApiCall<"GET /app/hook/deliveries">): Reply {
  const { cursor, per_page: perPage = 30, status } = parameters;
  const before = cursor === undefined ? Number.POSITIVE_INFINITY : readCursor(cursor);
  const wanted = github.webhooks.deliveries
    .list()
    .filter((delivery) => status === undefined || (delivery.statusCode < 400 ? "success" : "failure") === status)
    .filter(({ id }) => id < before);
  const shown = wanted.slice(0, Math.min(Math.max(perPage, 1), 100));
  const last = shown.at(-1);
  const next = last !== undefined && wanted.length > shown.length ? { cursor: `v1_${last.id}` } : undefined;
  return { kind: "json", status: 200, body: shown.map(presentSummary), next };
}

function readCursor(cursor: string): number {
  const id = /^v1_(\d+)$/.exec(cursor)?.[1];
  if (id === undefined) throw new Refusal(400, "Invalid cursor");
  return Number(id);
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
