import type { Capacity, Line } from "../policy/capacity.ts";
import { isExpired, type Lifetime } from "../policy/lifetime.ts";
import type { Wanted } from "../policy/triggers.ts";
import { trust } from "../policy/trust.ts";
import { commitToShow } from "./pinned.ts";
import type { Preview, PreviewStatus } from "./preview.ts";
import type { PullRequest } from "./pull-request.ts";

export type Tier = "trusted" | "fork";
export type Unwanted = NonNullable<PreviewStatus["unwanted"]>;
export type WhyAsleep = NonNullable<PreviewStatus["asleep"]>["because"];

/** What is to be done about one pull request now. */
export type Intent =
  | { do: "nothing"; because: string }
  /** All is as it should be, except that GitHub does not say so. */
  | { do: "tell" }
  /** Tear the preview down. `reopen`: the pull request is open, so a new record follows. */
  | { do: "remove"; because: string; reopen: boolean }
  /** Let nothing run, take away what does, and say why. `expired`: because nobody used it. */
  | { do: "hold"; reason: string; remedy: string; expired: boolean; unwanted: Unwanted | undefined }
  /** There is no place for it now. */
  | { do: "wait"; line: Line }
  | { do: "deploy"; commit: string; tier: Tier }
  | { do: "sleep"; because: WhyAsleep }
  /** The right commit sleeps, whole or in part, and should not. */
  | { do: "wake"; commit: string; tier: Tier }
  /** The right commit runs; look whether it is well, and whether people have to be told of its end. */
  | { do: "check-health"; commit: string; tier: Tier };

/** What operator and repository decided that has a say in it. */
export type Policy = { lifetime: Lifetime; wanted: Wanted };

/**
 * Compares the pull request with its record and says what to do. Pure and total: for the same arguments it always
 * answers the same, so it does not matter how often, how late or in which order it is asked.
 */
export function decide(
  pr: PullRequest | "gone",
  preview: Preview | undefined,
  { lifetime, wanted }: Policy,
  capacity: Capacity,
  now: Date,
): Intent {
  if (pr === "gone" || pr.state === "closed") {
    const because = pr === "gone" ? "the pull request is gone" : pr.merged ? "merged" : "closed";
    return preview === undefined
      ? { do: "nothing", because: `${because}, and there is no preview` }
      : { do: "remove", because, reopen: false };
  }
  if (preview?.deleting === true) return { do: "remove", because: "its record was deleted", reopen: true };
  // Begun for a pull request that was opened again meanwhile; what is half gone cannot be kept.
  if (preview?.status.phase === "Removing") return { do: "remove", because: "its removal had begun", reopen: true };

  if (!wanted.wanted && !(wanted.onRequest && preview?.spec.requested === true)) {
    if (preview === undefined && wanted.silent)
      return { do: "nothing", because: "no preview is wanted, nor a word of it" };
    return hold(pr, preview, wanted, { unwanted: { silent: wanted.silent, onRequest: wanted.onRequest } });
  }
  const trusted = trust(pr, preview?.spec.approvedCommit);
  if (!trusted.trusted) return hold(pr, preview, trusted);
  if (preview?.spec.want === "stopped") return hold(pr, preview, stopped);

  const commit = pr.head.sha;
  const { tier } = trusted;
  const work = (what: "deploy" | "wake"): Intent =>
    capacity.line === undefined ? { do: what, commit, tier } : { do: "wait", line: capacity.line };
  if (preview === undefined) return work("deploy");

  const { spec, status } = preview;
  const isHead = status.observedCommit === commit;
  const visited = wasCalledAsleep(preview);
  if (spec.want === "asleep" && !visited) {
    if (isHead && status.phase === "Asleep" && status.asleep?.because === "asked") return settled(pr, status, "asleep");
    return { do: "sleep", because: "asked" };
  }
  // A new head is news by itself, whenever somebody was here last; so is the wish to have it once more.
  if (!isHead || isRedoDue(preview)) return work("deploy");

  if (isExpired(preview, lifetime, now) && !visited) {
    const ended = status.phase === "Held" && status.expiresAt !== undefined;
    if (lifetime.afterwards === "remove" && (ended || status.namespace !== undefined)) {
      return hold(pr, preview, expiredAfter(lifetime.idleHours), { expired: true });
    }
    if (status.phase !== "Asleep" && status.namespace !== undefined) return { do: "sleep", because: "idle" };
  }
  if (
    status.asleep !== undefined &&
    (status.deployedCommit === commitToShow(preview, commit) || status.failure !== undefined)
  ) {
    const maySleepOn = status.phase === "Asleep" && !visited && status.asleep.because !== "asked";
    return maySleepOn ? settled(pr, status, "asleep") : work("wake");
  }
  switch (status.phase) {
    case "Ready":
    case "Failing":
      return capacity.givesRoom ? { do: "sleep", because: "room" } : { do: "check-health", commit, tier };
    case "Failed":
      if (capacity.givesRoom) return { do: "sleep", because: "room" };
      return settled(pr, status, "this commit has failed, and the comment says why");
    case "Held":
    case "Waiting":
    case "Building":
    case "Deploying":
    case "Asleep":
    case "Removing":
    case undefined:
      return work("deploy");
  }
}

/** Why nothing runs where somebody stopped the preview. */
export const stopped = {
  reason: "Somebody stopped this preview.",
  remedy: "Write `/preview deploy` to have it back.",
};

function expiredAfter(hours: number): { reason: string; remedy: string } {
  return {
    reason: `Nobody has used this preview for ${hours === 1 ? "an hour" : `${hours} hours`}, so it was removed.`,
    remedy: "Push a commit or write `/preview deploy` to have it back.",
  };
}

function hold(
  pr: PullRequest,
  preview: Preview | undefined,
  { reason, remedy }: { reason: string; remedy: string },
  { expired = false, unwanted }: { expired?: boolean; unwanted?: Unwanted } = {},
): Intent {
  const status = preview?.status;
  const isHeld = status?.phase === "Held" && status.observedCommit === pr.head.sha && status.namespace === undefined;
  const isTold =
    (status?.expiresAt !== undefined) === expired &&
    status?.reason === reason &&
    status.unwanted?.silent === unwanted?.silent &&
    status.unwanted?.onRequest === unwanted?.onRequest;
  return isHeld && isTold
    ? settled(pr, status, "held, and said so")
    : { do: "hold", reason, remedy, expired, unwanted };
}

function settled(pr: PullRequest, { reported, unwanted }: PreviewStatus, because: string): Intent {
  const isShown = pr.comment !== undefined || unwanted?.silent === true;
  return reported === undefined || !isShown ? { do: "tell" } : { do: "nothing", because };
}

/** Whether somebody asked to deploy it once more and nobody has begun. */
export function isRedoDue({ spec, status }: Preview): boolean {
  return spec.redo !== undefined && spec.redo.token !== status.redone;
}

/** Whether somebody visited it since it went to sleep, or asked for it. */
export function wasCalledAsleep({ spec, status }: Preview): boolean {
  const { asleep } = status;
  if (asleep === undefined) return false;
  const called = spec.want === "running" && Date.parse(spec.calledAt ?? "") > Date.parse(asleep.since);
  return called || wasVisitedAsleep(status);
}

/** Whether somebody wanted to see it since it went to sleep. */
export function wasVisitedAsleep({ asleep, lastVisitAt }: PreviewStatus): boolean {
  return asleep !== undefined && lastVisitAt !== undefined && Date.parse(lastVisitAt) > Date.parse(asleep.since);
}
