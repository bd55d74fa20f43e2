/** What a route answers. */
export type Reply =
  | {
      readonly kind: "json";
      readonly status: number;
      readonly body: unknown;
      readonly location?: string | undefined;
      /** What the next page's address has in its query, for lists that are paged by cursor. */
      readonly next?: Readonly<Record<string, string>> | undefined;
    }
  | { readonly kind: "page"; readonly body: unknown; readonly page: number; readonly lastPage: number }
  | { readonly kind: "bytes"; readonly body: Uint8Array; readonly type: string }
  | { readonly kind: "empty"; readonly status: 204 };

export function json(body: unknown, status = 200): Reply {
  return { kind: "json", status, body };
}

export function created(body: unknown, location?: string): Reply {
  return { kind: "json", status: 201, body, location };
}

export function bytes(body: Uint8Array, type: string): Reply {
  return { kind: "bytes", body, type };
}

export const noContent: Reply = { kind: "empty", status: 204 };

export interface PageWanted {
  readonly page?: number | undefined;
  readonly per_page?: number | undefined;
}

/** One page of a list; `wrap` puts it into the object some lists come in. */
export function page<T>(
  wanted: PageWanted,
  items: readonly T[],
  present: (item: T) => unknown,
  wrap: (presented: unknown[], total: number) => unknown = (presented) => presented,
): Reply {
  const size = Math.min(Math.max(wanted.per_page ?? 30, 1), 100);
  const number = Math.max(wanted.page ?? 1, 1);
  const shown = items.slice((number - 1) * size, number * size).map(present);
  return {
    kind: "page",
    body: wrap(shown, items.length),
    page: number,
    lastPage: Math.max(Math.ceil(items.length / size), 1),
  };
}

/** The Link header of a page, or undefined where there is only one. */
export function linkHeader(url: URL, current: number, lastPage: number): string | undefined {
  const link = (number: number, relation: string): string => {
    const target = new URL(url);
    target.searchParams.set("page", String(number));
    return `<${target.href}>; rel="${relation}"`;
  };
  const links: string[] = [];
  if (current > 1) links.push(link(current - 1, "prev"));
  if (current < lastPage) links.push(link(current + 1, "next"), link(lastPage, "last"));
  if (current > 1) links.push(link(1, "first"));
  return links.length === 0 ? undefined : links.join(", ");
}
