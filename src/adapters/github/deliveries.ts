import { z } from "zod";
import type { Deliveries, DeliveryAttempt } from "../../ports/deliveries.ts";
import { createGitHubClient, type GitHubOptions } from "./client.ts";
import { type Page, readPage } from "./pages.ts";

export type DeliveriesOptions = GitHubOptions & {
  /** How many GitHub puts on a page; smaller only where many pages are to be tried. */
  pageSize?: number;
};

/** What came before so many pages is not looked for. The comparison with the records finds what it asked for. */
const mostPages = 50;

const attempts = z.array(
  z.object({
    id: z.union([z.number(), z.bigint()]).transform(String),
    guid: z.string(),
    delivered_at: z.string(),
    status_code: z.number(),
  }),
);

/**
 * The App's deliveries on GitHub, which cannot be asked for the failed ones and their repetitions alone: everything new
 * is read once, and only the attempts at events that failed are remembered.
 */
export function createDeliveries(options: DeliveriesOptions): Deliveries {
  const client = createGitHubClient(options);
  const pageSize = options.pageSize ?? 100;
  let troubled: readonly DeliveryAttempt[] = [];
  let newest: Page<DeliveryAttempt> | undefined;

  /** What was attempted since the last time, newest first. */
  const readNew = async (since: Date, signal: AbortSignal) => {
    const lastId = newest?.items[0]?.id;
    const fresh: DeliveryAttempt[] = [];
    let first: Page<DeliveryAttempt> | undefined;
    let cursor: string | undefined;
    for (let number = 1; number <= mostPages; number += 1) {
      const parameters = { per_page: pageSize, ...(cursor === undefined ? {} : { cursor }) };
      const known = number === 1 ? newest : undefined;
      cursor = undefined;
      const page = await client.asApp("listing webhook deliveries", signal, (octokit, limit) =>
        readPage(octokit, "GET /app/hook/deliveries", parameters, known, asAttempts, limit, (headers) => {
          cursor = nextCursor(headers["link"]);
        }),
      );
      first ??= page;
      const unknown = page.items.filter(({ id, deliveredAt }) => id !== lastId && deliveredAt >= since);
      const end = page.items.findIndex(({ id }) => id === lastId);
      fresh.push(...(end === -1 ? unknown : page.items.slice(0, end)));
      if (end !== -1 || unknown.length < page.items.length || cursor === undefined) break;
    }
    return { fresh, first };
  };

  return {
    async troubled(since, signal) {
      const { fresh, first } = await readNew(since, signal);
      const all = [...fresh, ...troubled].filter(({ deliveredAt }) => deliveredAt >= since);
      const failed = new Set(all.filter(({ succeeded }) => !succeeded).map(({ guid }) => guid));
      troubled = all.filter(({ guid }) => failed.has(guid));
      newest = first;
      return [...troubled];
    },
    async redeliver(id, signal) {
      await client.asApp("asking for a delivery once more", signal, (octokit, limit) =>
        // The id may be larger than a JavaScript number holds.
        octokit.request(`POST /app/hook/deliveries/${id}/attempts`, { request: { signal: limit } }),
      );
    },
  };
}

function asAttempts(data: unknown): DeliveryAttempt[] {
  return attempts.parse(data).map(({ id, guid, delivered_at: at, status_code: status }) => ({
    id,
    guid,
    deliveredAt: new Date(at),
    succeeded: status >= 200 && status < 400,
  }));
}

function nextCursor(link: unknown): string | undefined {
  const address = typeof link === "string" ? /<([^>]+)>;\s*rel="next"/.exec(link)?.[1] : undefined;
  return address === undefined ? undefined : (new URL(address).searchParams.get("cursor") ?? undefined);
}
