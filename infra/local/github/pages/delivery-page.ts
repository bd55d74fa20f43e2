import type { DeliveryContent, DeliverySummary } from "../webhooks/deliveries.ts";
import { html, type Markup, moment } from "./markup.ts";
import { press } from "./parts.ts";

const mostShown = 100_000;

/** One delivery: what was sent, and what came back. */
export function deliveryContent(summary: DeliverySummary, { url, request, response }: DeliveryContent): Markup {
  const { id, guid, event, action, status, statusCode, deliveredAt, duration } = summary;
  return html`<h1 data-testid="title"><code>${event}${action === null ? "" : `.${action}`}</code></h1>
<p class="muted">${guid} · ${moment(deliveredAt)} · ${url} answered <strong data-testid="status">${statusCode}</strong> (${status}) in ${duration} s</p>
${press({ action: `/-/deliveries/${id}/redeliver`, label: "Send again", test: "redeliver" })}
<section class="box"><h2>Request</h2>${block(headerLines(request.headers))}${block(JSON.stringify(request.payload, null, 2))}</section>
<section class="box"><h2>Response</h2>${block(headerLines(response.headers))}${block(response.payload)}</section>`;
}

function headerLines(headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n");
}

function block(text: string): Markup {
  return html`<pre class="block">${text.slice(0, mostShown)}</pre>`;
}
