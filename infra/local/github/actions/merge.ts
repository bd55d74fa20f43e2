import { type GitHub, timestamp } from "../context.ts";
import { mergedTree, writeCommit } from "../git/write.ts";
import { noreplyAddress } from "../present/users.ts";
import type { PullRequestRecord, RepositoryRecord, UserRecord } from "../store/records.ts";
import { recordClosed } from "./pull-requests.ts";
import { recordPush } from "./pushes.ts";
import { Refusal } from "./refusal.ts";
import { exclusively, requireRole } from "./roles.ts";

export interface Merge {
  readonly method?: "merge" | "squash" | "rebase" | undefined;
  readonly title?: string | undefined;
  readonly message?: string | undefined;
  /** Merge only if this is still the head. */
  readonly sha?: string | undefined;
}

/** Merges a pull request into its base branch. Returns the commit that did it. */
export function mergePullRequest(
  github: GitHub,
  actor: UserRecord,
  repository: RepositoryRecord,
  pull: PullRequestRecord,
  { method = "merge", title, message = "", sha }: Merge = {},
): Promise<string> {
  requireRole(repository, actor, "write");
  return exclusively(github, repository, async () => {
    if (pull.state === "closed" || pull.draft) throw new Refusal(405, "Pull Request is not mergeable");
    if (method === "rebase") throw new Refusal(405, "Rebase merges are not allowed on this repository.");
    if (sha !== undefined && sha !== pull.head.sha) {
      throw new Refusal(409, "Head branch was modified. Review and try the merge again.");
    }
    const { git } = github;
    const path = git.pathOf(repository.id);
    const base = await git.branch(repository.id, pull.base.ref);
    const tree = base === undefined ? undefined : await mergedTree(path, base, pull.head.sha);
    if (base === undefined || tree === undefined) throw new Refusal(405, "Pull Request is not mergeable");
    const owner = github.store.user(pull.head.ownerId).login;
    const subject =
      title ??
      (method === "squash"
        ? `${pull.title} (#${pull.number})`
        : `Merge pull request #${pull.number} from ${owner}/${pull.head.ref}`);
    const commit = await writeCommit(path, {
      tree,
      parents: method === "squash" ? [base] : [base, pull.head.sha],
      message: `${subject}\n\n${message === "" ? pull.title : message}\n`,
      author: { name: actor.name, email: noreplyAddress(actor), at: github.now() },
    });
    const ref = `refs/heads/${pull.base.ref}`;
    await git.moveRef(repository.id, ref, commit, base);
    pull.mergedAt = timestamp(github);
    pull.mergedById = actor.id;
    pull.mergeCommitSha = commit;
    await recordClosed(github, repository, pull, actor);
    await recordPush(github, actor, repository, [{ ref, before: base, after: commit }]);
    return commit;
  });
}
