import type { BareRepositories } from "./git/bare.ts";
import type { Store } from "./store/store.ts";
import type { Webhooks } from "./webhooks/webhooks.ts";

/** Tells whoever runs the stand-in what went wrong, loudly. */
export type Complain = (message: string, details?: Readonly<Record<string, unknown>>) => void;

/** What actions, API and pages work with. */
export interface GitHub {
  readonly store: Store;
  readonly git: BareRepositories;
  readonly webhooks: Webhooks;
  /** Where people and git go: http://127.0.0.1:4000 */
  readonly url: string;
  /** Where programs go, and what links in answers begin with: http://127.0.0.1:4000/api/v3 */
  readonly apiUrl: string;
  readonly now: () => Date;
  readonly complain: Complain;
}

/** The time now, in GitHub's form: UTC, whole seconds. */
export function timestamp(github: Pick<GitHub, "now">): string {
  return toSeconds(github.now());
}

/** A time in GitHub's form. */
export function toSeconds(at: Date): string {
  return at.toISOString().replace(/\.\d+Z$/, "Z");
}
