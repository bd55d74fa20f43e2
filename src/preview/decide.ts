import { trust } from "../policy/trust.ts";
import type { Preview } from "./preview.ts";
import type { PullRequest } from "./pull-request.ts";

/** What is to be done about one pull request now. */
export type Intent =
  | { do: "nothing"; because: string }
  /** Tear the preview down. `reopen`: the pull request is open, so a new record follows. */
  | { do: "remove"; because: string; reopen: boolean }
  /** Keep nothing running and say why. */
  | { do: "hold"; reason: string; remedy: string }
  | { do: "deploy"; commit: string; tier: "trusted" | "fork" }
  /** The right commit runs; look whether it is well. */
  | { do: "check-health"; commit: string; tier: "trusted" | "fork" };

/**
 * Compares the pull request with its record and says what to do. Pure and total: for the same two it always answers
 * the same, so it does not matter how often, how late or in which order it is asked.
 */
export function decide(pr: PullRequest | "gone", preview: Preview | undefined): Intent {
  if (pr === "gone" || pr.state === "closed") {
    const because = pr === "gone" ? "the pull request is gone" : pr.merged ? "merged" : "closed";
    return preview === undefined
      ? { do: "nothing", because: `${because}, and there is no preview` }
      : { do: "remove", because, reopen: false };
  }
  if (preview?.deleting === true) return { do: "remove", because: "its record was deleted", reopen: true };

  const trusted = trust(pr, preview?.spec.approvedCommit);
  if (!trusted.trusted) {
    const { reason, remedy } = trusted;
    const told = preview?.status.phase === "Held" && preview.status.observedCommit === pr.head.sha;
    if (told && preview.status.reason === reason) return { do: "nothing", because: "held, and said so" };
    return { do: "hold", reason, remedy };
  }
  const status = preview?.status;
  if (status?.observedCommit === pr.head.sha) {
    switch (status.phase) {
      case "Ready":
      case "Failing":
        return { do: "check-health", commit: pr.head.sha, tier: trusted.tier };
      case "Failed":
        return { do: "nothing", because: "this commit has failed, and the comment says why" };
      case "Held":
      case "Waiting":
      case "Building":
      case "Deploying":
      case "Asleep":
      case "Removing":
      case undefined:
        break;
    }
  }
  return { do: "deploy", commit: pr.head.sha, tier: trusted.tier };
}
