import type { PreviewKey } from "../../src/preview/key.ts";
import type { PullRequest } from "../../src/preview/pull-request.ts";

export type Webhook = { name: string; payload: unknown };

/** Where an event happened, as webhooks say it. */
function placeOf({ installation, repository }: PreviewKey): object {
  return { installation: { id: installation }, repository: { id: repository.id, node_id: repository.nodeId } };
}

export function pullRequestWebhook({ key, head }: PullRequest, action: string): Webhook {
  const payload = { action, ...placeOf(key), pull_request: { number: key.number, head: { sha: head.sha } } };
  return { name: "pull_request", payload };
}

export function commentWebhook({ key, state }: PullRequest, action: string, body: string, by: "Bot" | "User"): Webhook {
  const payload = {
    action,
    ...placeOf(key),
    issue: { number: key.number, state, pull_request: {} },
    comment: { body, user: { type: by } },
  };
  return { name: "issue_comment", payload };
}
