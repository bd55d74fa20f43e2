import { hostLabel } from "./names.ts";
import type { PreviewStatus } from "./preview.ts";

/** Where previews are reached: `<scheme>://<host label>.<domain>[:<port>]`. */
export type Address = { scheme: "http" | "https"; domain: string; port: number | undefined };

/** A service that people reach from outside, as greenroom.yaml names it. */
export type Exposed = { name: string; service: string; port: number };

export type PreviewUrl = NonNullable<PreviewStatus["urls"]>[number];

/** Hosts and URLs of a preview's exposed services; the first one has the preview's plain name. */
export function previewUrls(recordName: string, exposed: readonly Exposed[], address: Address): PreviewUrl[] {
  const port = address.port === undefined ? "" : `:${address.port}`;
  return exposed.map(({ name, service, port: servicePort }, index) => {
    const host = `${hostLabel(recordName, index === 0 ? undefined : name)}.${address.domain}`;
    return { name, service, port: servicePort, host, url: `${address.scheme}://${host}${port}` };
  });
}

/** The preview's own address, which is the main service's. */
export function previewAddress(recordName: string, address: Address): string {
  const port = address.port === undefined ? "" : `:${address.port}`;
  return `${address.scheme}://${hostLabel(recordName, undefined)}.${address.domain}${port}`;
}
