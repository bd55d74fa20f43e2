import { createHash } from "node:crypto";
import type { Preview } from "./preview.ts";

/** Longest name of a record: leaves room for a service's prefix in a DNS label of 63 characters. */
const nameLength = 40;

/** Longest name of an exposed service. */
export const serviceNameLength = 20;

/** Parts a service's name from the record's name in a host. Names of services never contain it. */
const separator = "--";

/** Turns any text into lower-case letters, digits and single hyphens; `repository` where nothing is left. */
export function slug(text: string): string {
  const plain = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return plain === "" ? "repository" : plain;
}

function shorten(text: string, length: number): string {
  if (text.length <= length) return text;
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 6);
  return `${text.slice(0, length - 7).replace(/-+$/, "")}-${hash}`;
}

/**
 * Names a record may take, the nicest first: `12-shop`, and where another repository of that name has it,
 * `12-shop-1a2b` with the repository's id in base 36. The API server keeps names unique, so hosts are too.
 */
export function recordNames(repositoryName: string, repositoryId: number, number: number): [string, string] {
  const id = repositoryId.toString(36);
  const plain = `${number}-${slug(repositoryName)}`;
  return [shorten(plain, nameLength), `${shorten(plain, nameLength - id.length - 1)}-${id}`];
}

export function namespaceOf(recordName: string): string {
  return `preview-${recordName}`;
}

/** Host label of an exposed service: the record's name for the main one, `api--12-shop` for others. */
export function hostLabel(recordName: string, service: string | undefined): string {
  return service === undefined ? recordName : `${service}${separator}${recordName}`;
}

/** The inverse of `hostLabel`. */
export function parseHostLabel(label: string): { recordName: string; service: string | undefined } {
  // A record's name starts with the number of its pull request, a service's with a letter.
  if (/^\d/.test(label)) return { recordName: label, service: undefined };
  const at = label.indexOf(separator);
  return at === -1
    ? { recordName: label, service: undefined }
    : { recordName: label.slice(at + separator.length), service: label.slice(0, at) };
}

/** Service account of one attempt; it lives in the deployers' namespace, never in the preview's. */
export function deployerAccount(preview: Pick<Preview, "name">, attempt: number): string {
  return `${preview.name}-${attempt}`;
}
