import { createHash } from "node:crypto";
import type { PullRequest } from "../preview/pull-request.ts";

/** What policy asks of a pull request besides its files, as far as a list of pull requests shows it too. */
export type Traits = { draft: boolean; labels: readonly string[]; baseRef: string };

/** Names these traits, so that a record can tell whether others were looked at. */
export function traitsName({ draft, labels, baseRef }: Traits): string {
  const told = JSON.stringify([draft, labels.toSorted(), baseRef]);
  return createHash("sha256").update(told).digest("base64url").slice(0, 16);
}

/** The same for a pull request as it was read. */
export function traitsOf({ draft, labels, base }: PullRequest): string {
  return traitsName({ draft, labels, baseRef: base.ref });
}
