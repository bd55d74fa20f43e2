import { type GitHub, timestamp } from "../context.ts";
import type { PullRequestRecord, RepositoryRecord, UserRecord } from "../store/records.ts";
import { announcePullRequest, measure, requireOwnOr } from "./pull-requests.ts";
import { invalid } from "./refusal.ts";
import { exclusively } from "./roles.ts";

export interface PullRequestChanges {
  readonly title?: string | undefined;
  readonly body?: string | null | undefined;
  readonly base?: string | undefined;
}

/** Changes title, body or base branch. */
export function editPullRequest(
  github: GitHub,
  actor: UserRecord,
  repository: RepositoryRecord,
  pull: PullRequestRecord,
  changes: PullRequestChanges,
): Promise<void> {
  requireOwnOr(repository, actor, pull, "write");
  return exclusively(github, repository, async () => {
    const was: Record<string, unknown> = {};
    if (changes.title !== undefined && changes.title !== pull.title) {
      was["title"] = { from: pull.title };
      pull.title = changes.title;
    }
    if (changes.body !== undefined && changes.body !== pull.body) {
      was["body"] = { from: pull.body ?? "" };
      pull.body = changes.body;
    }
    if (changes.base !== undefined && changes.base !== pull.base.ref) {
      const sha = await github.git.branch(repository.id, changes.base);
      if (sha === undefined) throw invalid("PullRequest", "base", "base is not a branch");
      was["base"] = { ref: { from: pull.base.ref }, sha: { from: pull.base.sha } };
      pull.base = { ref: changes.base, sha };
      if (pull.state === "open") await measure(github, repository, pull);
    }
    if (Object.keys(was).length === 0) return;
    pull.updatedAt = timestamp(github);
    github.store.changed(repository);
    announcePullRequest(github, repository, pull, actor, "edited", { changes: was });
  });
}

/** Makes a pull request a draft, or ready for review. */
export function setDraft(
  github: GitHub,
  actor: UserRecord,
  repository: RepositoryRecord,
  pull: PullRequestRecord,
  draft: boolean,
): void {
  requireOwnOr(repository, actor, pull, "write");
  if (pull.state === "closed") throw invalid("PullRequest", "state", "The pull request is closed.");
  if (pull.draft === draft) return;
  pull.draft = draft;
  pull.updatedAt = timestamp(github);
  github.store.changed(repository);
  announcePullRequest(github, repository, pull, actor, draft ? "converted_to_draft" : "ready_for_review");
}
