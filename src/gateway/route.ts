import { parseHostLabel } from "../preview/names.ts";
import type { Preview } from "../preview/preview.ts";

/** One Service of a preview that its host leads to. */
export type Target = { namespace: string; service: string; port: number };

export type Route =
  /** The header names no host that could ever be ours. */
  | { kind: "bad-host" }
  /** A host of ours, or somebody else's, that no preview has. */
  | { kind: "unknown"; host: string }
  /** `target` is undefined where nothing of the preview can be shown yet, or any more. */
  | { kind: "preview"; host: string; preview: Preview; target: Target | undefined };

/** Finds what a Host header asks for. `byName` finds a record by its name. */
export function route(
  header: string | undefined,
  baseDomain: string,
  byName: (name: string) => Preview | undefined,
): Route {
  const host = hostOf(header);
  if (host === undefined) return { kind: "bad-host" };
  if (!host.endsWith(`.${baseDomain}`)) return { kind: "unknown", host };
  const label = host.slice(0, -baseDomain.length - 1);
  if (label.includes(".")) return { kind: "unknown", host };
  const preview = byName(parseHostLabel(label).recordName);
  if (preview === undefined) return { kind: "unknown", host };
  const urls = preview.status.urls;
  const exposed = urls?.find((url) => url.host === host);
  // Another service's host of a preview whose services are known: there is no such service.
  if (exposed === undefined && urls !== undefined && label !== preview.name) return { kind: "unknown", host };
  return { kind: "preview", host, preview, target: targetOf(preview, exposed) };
}

type Url = NonNullable<Preview["status"]["urls"]>[number];

/** What was ready once is shown for as long as its pods are, also while the next commit is on its way. */
function targetOf({ status, deleting }: Preview, exposed: Url | undefined): Target | undefined {
  if (exposed === undefined || status.namespace === undefined || status.deployedCommit === undefined) return undefined;
  if (deleting || status.phase === "Removing" || status.phase === "Asleep") return undefined;
  return { namespace: status.namespace, service: exposed.service, port: exposed.port };
}

/** The host's name in lower case and without port, or undefined where the header is none. */
function hostOf(header: string | undefined): string | undefined {
  if (header === undefined || header.length > 260) return undefined;
  const match = /^([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)\.?(?::\d{1,5})?$/i.exec(header);
  return match?.[1]?.toLowerCase();
}
