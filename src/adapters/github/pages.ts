import type { Octokit } from "@octokit/rest";
import { isStatus } from "./failures.ts";

/** One page of a list as it was read last. */
export type Page<T> = { etag: string | undefined; items: readonly T[] };

export type ListRequest<T> = {
  route: string;
  parameters?: Record<string, unknown>;
  /** How many GitHub puts on a page. */
  pageSize: number;
  read: (data: unknown) => T[];
};

/**
 * Reads a list page by page. A page that is the same as it was last time answers 304, which counts against no limit. A
 * full page is always followed by the next one, whatever its Link header said when it was new.
 */
export async function readPages<T>(
  octokit: Octokit,
  { route, parameters, pageSize, read }: ListRequest<T>,
  known: readonly Page<T>[],
  signal: AbortSignal,
): Promise<Page<T>[]> {
  const pages: Page<T>[] = [];
  for (;;) {
    const query = { ...parameters, per_page: pageSize, page: pages.length + 1 };
    const page = await readPage(octokit, route, query, known[pages.length], read, signal);
    pages.push(page);
    if (page.items.length < pageSize) return pages;
  }
}

/** One page, as it was where it has not changed. */
export async function readPage<T>(
  octokit: Octokit,
  route: string,
  parameters: Record<string, unknown>,
  known: Page<T> | undefined,
  read: (data: unknown) => T[],
  signal: AbortSignal,
  onHeaders: (headers: Readonly<Record<string, unknown>>) => void = () => undefined,
): Promise<Page<T>> {
  try {
    const { data, headers } = await octokit.request(route, {
      ...parameters,
      ...(known?.etag === undefined ? {} : { headers: { "if-none-match": known.etag } }),
      request: { signal },
    });
    onHeaders(headers);
    return { etag: headers.etag, items: read(data) };
  } catch (error) {
    if (known !== undefined && isStatus(error, 304)) return known;
    throw error;
  }
}
