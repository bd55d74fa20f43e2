import { z } from "zod";
import { saysGone } from "../report/gone.ts";
import type { Announcement, Cause } from "../ports/queue.ts";
import type { PreviewKey } from "../preview/key.ts";
import { type Button, buttons } from "../report/reports.ts";

/** A look at a pull request that a delivery gives reason for. */
export type Ask = {
  key: PreviewKey;
  cause: Cause;
  /** Somebody wrote a command, which is for those who read comments. */
  isCommand?: true;
  /** Somebody pressed a button, and nothing but this delivery says so. */
  press?: { button: Button; commit: string; login: string };
  /** Where the delivery tells the head: so that work on an older one can stop before its turn comes. */
  announcement?: Announcement;
};

const id = z.int().positive();
const place = z.object({
  installation: z.object({ id }),
  repository: z.object({ id, node_id: z.string().min(1) }),
});

const pullRequestDelivery = place.extend({
  action: z.string(),
  pull_request: z.object({ number: id, head: z.object({ sha: z.string() }) }),
  changes: z.object({ base: z.unknown().optional() }).optional(),
});

const commentDelivery = place.extend({
  action: z.string(),
  issue: z.object({ number: id, state: z.string().optional(), pull_request: z.unknown().optional() }),
  comment: z.object({ body: z.string().nullish(), user: z.object({ type: z.string() }).nullish() }),
});

const checkRunDelivery = place.extend({
  action: z.string(),
  check_run: z.object({ external_id: z.string().nullish(), head_sha: z.string().regex(/^[0-9a-f]{40}$/) }),
  requested_action: z.object({ identifier: z.enum(buttons) }).optional(),
  sender: z.object({ login: z.string().min(1) }),
});

/** How our comment begins. */
const ourComment = /^<!-- greenroom:preview /;

/** Actions of the `pull_request` event that matter. `head`: the commit or the state changed, so older work is void. */
const pullRequestActions: Record<string, { cause: Cause; head: boolean }> = {
  opened: { cause: "change", head: true },
  reopened: { cause: "change", head: true },
  synchronize: { cause: "change", head: true },
  closed: { cause: "change", head: true },
  labeled: { cause: "check", head: false },
  unlabeled: { cause: "check", head: false },
  ready_for_review: { cause: "check", head: false },
  converted_to_draft: { cause: "check", head: false },
  edited: { cause: "check", head: false },
};

/** A line of the comment that starts with our command; quoted lines start with `>`. */
const commandLine = /^\/preview(?![\w-])/m;

/**
 * Names the pull requests a delivery is about: none where it changes nothing for us. Payloads are signed, but their
 * shape is GitHub's to change, so one that lacks what is needed names none either.
 */
export function keysOf(event: string, payload: unknown): Ask[] {
  switch (event) {
    case "pull_request":
      return ofPullRequest(payload);
    case "issue_comment":
      return ofComment(payload);
    case "check_run":
      return ofCheckRun(payload);
    // What an installation gained or lost is found by the next sweep: these events name no pull request.
    case "installation":
    case "installation_repositories":
    case "installation_target":
      return [];
    default:
      return [];
  }
}

function ofPullRequest(payload: unknown): Ask[] {
  const parsed = pullRequestDelivery.safeParse(payload);
  if (!parsed.success) return [];
  const { action, pull_request: pr, changes } = parsed.data;
  const meaning = Object.hasOwn(pullRequestActions, action) ? pullRequestActions[action] : undefined;
  if (meaning === undefined) return [];
  // Title and description decide nothing; another base branch does.
  if (action === "edited" && changes?.base === undefined) return [];
  const key = keyOf(parsed.data, pr.number);
  if (!meaning.head) return [{ key, cause: meaning.cause }];
  return [{ key, cause: meaning.cause, announcement: { key, head: pr.head.sha, closed: action === "closed" } }];
}

function ofComment(payload: unknown): Ask[] {
  const parsed = commentDelivery.safeParse(payload);
  if (!parsed.success) return [];
  const { action, issue, comment } = parsed.data;
  if (issue.pull_request === undefined || issue.pull_request === null) return [];
  const key = keyOf(parsed.data, issue.number);
  if (comment.user?.type === "Bot") {
    const body = comment.body ?? "";
    if (!ourComment.test(body)) return [];
    // Our own comment comes back when somebody deletes it, and is put right when a worker that was stopped has said what
    // cannot be true any more. What others say under its marker changes nothing.
    const isUntrue = issue.state !== undefined && saysGone(body) !== (issue.state === "closed");
    return action === "deleted" || isUntrue ? [{ key, cause: "check" }] : [];
  }
  if (action !== "created") return [];
  if (!commandLine.test(comment.body ?? "")) return [];
  return [{ key, cause: "change", isCommand: true }];
}

function ofCheckRun(payload: unknown): Ask[] {
  const parsed = checkRunDelivery.safeParse(payload);
  if (!parsed.success) return [];
  const { action, repository, check_run: run, requested_action: requested, sender } = parsed.data;
  // GitHub's own button to run a check again asks for what the command asks for.
  const button =
    action === "rerequested" ? "deploy" : action === "requested_action" ? requested?.identifier : undefined;
  // GitHub lists no pull request for a fork's commit, so our check runs carry their preview's key.
  const [, owner, number] = /^(\d+)\/([1-9]\d*)$/.exec(run.external_id ?? "") ?? [];
  if (button === undefined || Number(owner) !== repository.id) return [];
  const key = keyOf(parsed.data, Number(number));
  return [{ key, cause: "change", press: { button, commit: run.head_sha, login: sender.login } }];
}

function keyOf(from: z.infer<typeof place>, number: number): PreviewKey {
  return {
    installation: from.installation.id,
    repository: { id: from.repository.id, nodeId: from.repository.node_id },
    number,
  };
}
